/** Keys of JSON text renamed, also while it streams: nothing is held back but the key at hand. */

import { parseJson } from "../common/json.ts";

/** Longer keys than any that was renamed go on as they are, in UTF-16 units. */
const MOST_KEY = 512;

/** The whole text at once, with keys of any length. */
export function renameKeys(json: string, names: ReadonlyMap<string, string>): string {
  const renamer = new KeyRenamer(names, Infinity);
  return renamer.push(json) + renamer.end();
}

export class KeyRenamer {
  readonly #names: ReadonlyMap<string, string>;
  readonly #mostKey: number;
  /** What is open: `{` while a key may come, `:` while its value is, `[`. */
  readonly #open: ("{" | ":" | "[")[] = [];
  #at: "outside" | "string" | "key" = "outside";
  #escaped = false;
  #key = "";

  /** @param names what is written in the place of a key, by what the model wrote */
  constructor(names: ReadonlyMap<string, string>, mostKey = MOST_KEY) {
    this.#names = names;
    this.#mostKey = mostKey;
  }

  push(fragment: string): string {
    let out = "";
    let from = 0;
    for (let at = 0; at < fragment.length; at++) {
      const char = fragment[at] ?? "";
      if (this.#at === "outside") {
        if (char !== '"') this.#structure(char);
        else if (this.#open.at(-1) !== "{") this.#at = "string";
        else {
          this.#at = "key";
          out += fragment.slice(from, at);
          from = at;
        }
        continue;
      }
      if (this.#escaped) this.#escaped = false;
      else if (char === "\\") this.#escaped = true;
      else if (char === '"') {
        if (this.#at === "key") {
          out += this.#renamed(this.#key + fragment.slice(from, at + 1));
          from = at + 1;
        }
        this.#at = "outside";
      }
    }
    if (this.#at !== "key") return out + fragment.slice(from);
    this.#key += fragment.slice(from);
    if (this.#key.length <= this.#mostKey) return out;
    this.#at = "string";
    return out + this.end();
  }

  /** What is left of text that was cut in the midst of a key. */
  end(): string {
    const rest = this.#key;
    this.#key = "";
    return rest;
  }

  #renamed(quoted: string): string {
    this.#key = "";
    const key = parseJson(quoted);
    const name = typeof key === "string" ? this.#names.get(key) : undefined;
    return name === undefined ? quoted : JSON.stringify(name);
  }

  #structure(char: string): void {
    switch (char) {
      case "{":
      case "[":
        this.#open.push(char);
        break;
      case "}":
      case "]":
        this.#open.pop();
        break;
      case ":":
        if (this.#open.at(-1) === "{") this.#open[this.#open.length - 1] = ":";
        break;
      case ",":
        if (this.#open.at(-1) === ":") this.#open[this.#open.length - 1] = "{";
        break;
    }
  }
}
