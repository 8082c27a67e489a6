/**
 * Who runs on this computer, and with which data folder: one small file per gateway in the user's
 * runtime folder. It says where to look and opens nothing; the token is in the data folder.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { codeOf, namesIfThere, readJsonIfThere, writeWhole } from "../common/dataFolder.ts";

const pointerSchema = z.object({
  pid: z.int().positive(),
  /** Absolute. */
  dataDir: z.string().min(1).max(4096),
  /** Milliseconds since 1970. */
  since: z.number(),
});
export type Advertisement = z.output<typeof pointerSchema>;

/** More files than that are not looked at. */
const MAX_POINTERS = 100;
const NAME = /^[0-9a-f]{16}\.json$/;

/** @param folder the runtime folder; made when it does not exist, mode 0700. */
export async function advertise(folder: string, pointer: Advertisement): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== "win32") await chmod(folder, 0o700);
  await writeWhole(fileOf(folder, pointer.dataDir), `${JSON.stringify(pointer)}\n`);
}

/** Only one's own: another process may lead that data folder meanwhile. */
export async function withdraw(folder: string, dataDir: string, pid: number): Promise<void> {
  const file = fileOf(folder, dataDir);
  if ((await pointerIn(file))?.pid === pid) await rm(file, { force: true });
}

/** Those whose process lives, the latest first. What is left of dead ones is removed. */
export async function discover(
  folder: string,
  lives: (pid: number) => boolean = processLives,
): Promise<Advertisement[]> {
  const found: Advertisement[] = [];
  const names = (await namesIfThere(folder)).filter((name) => NAME.test(name));
  for (const name of names.slice(0, MAX_POINTERS)) {
    const file = join(folder, name);
    const pointer = await pointerIn(file);
    // A draft that is being written has another ending.
    if (pointer === undefined || !lives(pointer.pid)) await rm(file, { force: true });
    else found.push(pointer);
  }
  return found.sort((a, b) => b.since - a.since);
}

/** One data folder has one leader, so it has one file. */
function fileOf(folder: string, dataDir: string): string {
  return join(folder, `${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}.json`);
}

async function pointerIn(file: string): Promise<Advertisement | undefined> {
  return pointerSchema.safeParse(await readJsonIfThere(file)).data;
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's process is one as well.
    return codeOf(error) === "EPERM";
  }
}
