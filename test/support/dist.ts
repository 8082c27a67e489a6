/** What is built: files of `dist/`, and what one of them is made of. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../integration/cli/program.ts";

export const dist = (name: string): string => join(root, "dist", name);

export const isBuilt = (...names: string[]): boolean => names.every((name) => existsSync(dist(name)));

/** The code of a bundle with the parts that it loads, at once or later, by their names. */
export function partsOf(entry: string): Map<string, string> {
  const parts = new Map<string, string>();
  const open = [entry];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (parts.has(name)) continue;
    const text = readFileSync(dist(name), "utf8");
    parts.set(name, text);
    for (const [, part] of text.matchAll(/(?:from\s*|import\s*\(?\s*)"\.\/([\w.-]+\.js)"/g))
      open.push(part ?? "");
  }
  return parts;
}
