/** Text files as people's editors and shells write them: UTF-8 or UTF-16, with or without a byte-order mark. */
import { readFile } from "node:fs/promises";

/**
 * The text without its byte-order mark. UTF-16 without one is told by the zero bytes of its first character:
 * PowerShell's `>` writes it, and so does Notepad.
 */
export function decodeText(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decoded(bytes, "utf-16le");
  if (first === 0xfe && second === 0xff) return decoded(bytes, "utf-16be");
  if (bytes.length >= 2 && first !== 0 && second === 0) return decoded(bytes, "utf-16le");
  if (bytes.length >= 2 && first === 0 && second !== 0) return decoded(bytes, "utf-16be");
  return decoded(bytes, "utf-8");
}

const decoded = (bytes: Buffer, encoding: string): string => new TextDecoder(encoding).decode(bytes);

/** @throws as `readFile` does */
export async function readText(file: string): Promise<string> {
  return decodeText(await readFile(file));
}
