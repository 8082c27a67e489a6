/** A settings file of another program on the disk: read as it is, and written whole where it really is. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, readlink, realpath, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { codeOf, renameOver } from "../common/dataFolder.ts";
import { badRequest, PorticoError } from "../common/errors.ts";
import { FileFailure } from "../common/fileFailure.ts";
import { Refused } from "./formats/format.ts";

export interface ClientFile {
  /** Where it really is, through links. */
  readonly path: string;
  /** With its byte-order mark; absent: there is none. */
  readonly text?: string;
}

/** Bytes; such files are far smaller. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Links that lead to links. */
const MOST_LINKS = 40;
const DRAFT = /^\.portico-[0-9a-f]{12}\.tmp$/;

/** @throws Refused, FileFailure */
export async function readClientFile(named: string): Promise<ClientFile> {
  try {
    const path = await realPath(named);
    const bytes = await bytesOf(path);
    return bytes === undefined ? { path } : { path, text: decoded(bytes, path) };
  } catch (error) {
    if (error instanceof PorticoError) throw error;
    throw new FileFailure(named, "read", dirname(named), error);
  }
}

/**
 * All of it or nothing; its mode stays. Folders that do not exist are made.
 * @param text absent: the file goes
 * @returns the folders that were made, the innermost first
 * @throws PorticoError where the file is no longer as it was read; FileFailure
 */
export async function writeClientFile(file: ClientFile, text: string | undefined): Promise<string[]> {
  const { path } = file;
  const folder = dirname(path);
  try {
    if (text === undefined) {
      await refuseChanged(file);
      await rm(path, { force: true });
      return [];
    }
    const made = await makeFolders(folder);
    await removeDrafts(folder);
    const draft = join(folder, `.portico-${randomBytes(6).toString("hex")}.tmp`);
    try {
      await writeDraft(draft, text, path);
      await refuseChanged(file);
      await renameOver(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return made;
  } catch (error) {
    if (error instanceof PorticoError) throw error;
    throw new FileFailure(path, "written", folder, error);
  }
}

/** Those that we made, while they are empty. @param folders the innermost first */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder);
    } catch {
      // Somebody uses it.
      return;
    }
  }
}

async function writeDraft(draft: string, text: string, path: string): Promise<void> {
  const before = await statOf(path);
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text, "utf8");
    if (before !== undefined && process.platform !== "win32") {
      await handle.chmod(before.mode & 0o7777);
      // An administrator's edit leaves the file its owner's.
      if (process.getuid?.() === 0) await handle.chown(before.uid, before.gid);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function refuseChanged({ path, text }: ClientFile): Promise<void> {
  const now = await bytesOf(path);
  if ((now === undefined ? undefined : decoded(now, path)) === text) return;
  throw new PorticoError("unavailable", `${path} was changed by another program just now. Try again.`);
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  const found = await statOf(path);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new Refused(`${path} is no file`);
  if (found.size > MOST_BYTES) throw new Refused(`${path} is larger than ${MOST_BYTES} bytes`);
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws Refused: bytes that are lost in reading could not be written again */
function decoded(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused(`${path} is not in UTF-8. Save it as UTF-8 first`);
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Also of a link that leads to nothing yet. */
async function realPath(named: string): Promise<string> {
  let path = resolve(named);
  for (let links = 0; links < MOST_LINKS; links++) {
    // What a link says begins where it really is, and its folder may be behind links itself.
    const folder = await realFolder(dirname(path));
    path = join(folder, basename(path));
    const target = await linkAt(path);
    if (target === undefined) return path;
    path = resolve(folder, target);
  }
  throw new Refused(`${named} is a link that leads nowhere`);
}

async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    const above = dirname(folder);
    if (codeOf(error) !== "ENOENT" || above === folder) throw error;
    return join(await realFolder(above), basename(folder));
  }
}

/** Where a link leads; `undefined`: it is none. */
async function linkAt(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    // On Windows UNKNOWN is said of what is no link, too.
    if (["EINVAL", "ENOENT", "UNKNOWN"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}

/** Of writers that were ended in the midst. Nobody else writes: the records are held. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (DRAFT.test(name)) await rm(join(folder, name), { force: true });
}

async function makeFolders(folder: string): Promise<string[]> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return [];
  const made = [folder];
  for (let each = folder; each !== first && dirname(each) !== each; ) {
    each = dirname(each);
    made.push(each);
  }
  return made;
}

/** What is wrong with a file, with its name. */
export function named<T>(path: string, job: () => T): T {
  try {
    return job();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw badRequest(`${path} was left as it is: ${error.message}.`);
  }
}
