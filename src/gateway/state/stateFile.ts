/** The state in one file of the data folder: written whole, mode 0600, set aside when it is broken. */
import { rename } from "node:fs/promises";
import * as z from "zod";
import { readIfThere, writeWhole } from "../dataFolder.ts";
import type { Clock, Log } from "../ports.ts";
import { type GatewayState, type StateStore, stateSchema } from "./stateStore.ts";

export interface StateFileOptions {
  readonly log: Pick<Log, "warn">;
  readonly clock: Pick<Clock, "now">;
  /** Takes secrets out of texts of providers, which repeat keys in what they refuse. */
  readonly redact: (text: string) => string;
}

const newer = z.looseObject({ version: z.int().min(2) });

/** Characters; a file of our own is far smaller. */
const MAX_TEXT = 64 * 1024 * 1024;

export function createStateFile(path: string, { log, clock, redact }: StateFileOptions): StateStore {
  /** Written by a newer Portico: left alone. */
  let readOnly = false;
  /** Writes happen one after the other. */
  let writing: Promise<void> = Promise.resolve();

  async function setAside(why: string): Promise<undefined> {
    const aside = `${path}.broken-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-")}`;
    await rename(path, aside);
    log.warn(`what Portico remembered could not be read (${why}) and is forgotten; the file is kept`, {
      file: aside,
    });
    return undefined;
  }

  return {
    async load() {
      const text = await readIfThere(path);
      if (text === undefined) return undefined;
      if (text.length > MAX_TEXT) return await setAside("it is far too large");
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        return await setAside("it is not JSON");
      }
      if (newer.safeParse(json).success) {
        readOnly = true;
        log.warn("what Portico remembers was written by a newer version; it is left as it is", {
          file: path,
        });
        return undefined;
      }
      const parsed = stateSchema.safeParse(json);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      return await setAside(`${issue?.path.join(".") ?? ""} ${issue?.message ?? "it is broken"}`.trim());
    },
    save(state: GatewayState) {
      if (readOnly) return Promise.resolve();
      const clean = (key: string, value: unknown): unknown =>
        (key === "reason" || key === "name") && typeof value === "string" ? redact(value) : value;
      const text = `${JSON.stringify(state, clean)}\n`;
      const written = writing.then(() => writeWhole(path, text));
      writing = written.catch(() => {});
      return written;
    },
  };
}
