/** Secrets for the command line: one JSON file that only its owner can read. */
import { chmod, stat } from "node:fs/promises";
import * as z from "zod";
import { codeOf, writeWhole } from "../common/dataFolder.ts";
import { parseJson } from "../common/json.ts";
import type { Lock, SecretStore } from "../common/ports.ts";
import { readText } from "../common/readText.ts";
import { serialQueue } from "../common/serialQueue.ts";

/** Unit: bytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const fileSchema = z.record(z.string(), z.string());

/**
 * A `SecretStore` in `file` (mode 0600, replaced as a whole so that no reader ever sees half of
 * it). Calls are served one after the other. A file that cannot be understood is an error and never
 * overwritten.
 * @param lock keeps processes that share the file from undoing each other's changes; absent: one process writes
 */
export function createSecretsFile(file: string, lock?: Lock): SecretStore {
  const inTurn = serialQueue();
  function change(edit: (secrets: Map<string, string>) => boolean): Promise<void> {
    const job = async () => {
      const secrets = await read(file);
      if (edit(secrets)) await replace(file, secrets);
    };
    return inTurn(() => (lock === undefined ? job() : lock.hold("secrets", job)));
  }
  return {
    get: (key) => inTurn(async () => (await read(file)).get(key)),
    set: (key, value) =>
      change((secrets) => {
        if (secrets.get(key) === value) return false;
        secrets.set(key, value);
        return true;
      }),
    delete: (key) => change((secrets) => secrets.delete(key)),
  };
}

async function read(file: string): Promise<Map<string, string>> {
  let text: string;
  try {
    const { size, mode } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`${file} is larger than ${MAX_BYTES} bytes`);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) await chmod(file, 0o600);
    text = await readText(file);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return new Map();
    throw error;
  }
  return new Map(Object.entries(parse(file, text)));
}

function parse(file: string, text: string): Record<string, string> {
  // Without the parser's own message, which quotes the text.
  const { data } = fileSchema.safeParse(parseJson(text));
  if (data !== undefined) return data;
  throw new Error(
    `${file} is damaged: it must be a JSON object of strings. Repair it, or move it away to start anew.`,
  );
}

async function replace(file: string, secrets: ReadonlyMap<string, string>): Promise<void> {
  const text = `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`;
  if (Buffer.byteLength(text) > MAX_BYTES) throw new Error(`${file} would be larger than ${MAX_BYTES} bytes`);
  await writeWhole(file, text);
}
