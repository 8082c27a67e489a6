/** The files that the pages are made of, from one flat folder. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../common/dataFolder.ts";

export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ttf: "font/ttf",
  woff2: "font/woff2",
};
/** A plain name with an ending: no folders, no dots in front. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.([a-z0-9]+)$/;
/** Bytes; ours are far smaller. */
const MAX_FILE = 8 * 1024 * 1024;

/** @returns `undefined` where there is no such file, or none of a kind that pages are made of. */
export async function readPageFile(folder: string, name: string): Promise<PageFile | undefined> {
  const type = TYPES[NAME.exec(name)?.[1] ?? ""];
  if (type === undefined) return undefined;
  try {
    const handle = await open(join(folder, name), "r");
    try {
      const facts = await handle.stat();
      if (!facts.isFile() || facts.size > MAX_FILE) return undefined;
      const bytes = await handle.readFile();
      const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
      return { type, etag, bytes };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}
