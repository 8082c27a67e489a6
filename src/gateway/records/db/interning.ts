/** Names, each kept once. */

import { setLatest } from "../../common/latest.ts";
import type { Database, Statement } from "../../common/sqlite.ts";

interface Known {
  readonly id: number;
  /** The day on which it was used last, as the file has it. */
  used: number;
}

/** Words that are remembered; the oldest go first. */
const REMEMBERED = 5000;

export class StringInterning {
  readonly #find: Statement;
  readonly #add: Statement;
  readonly #touch: Statement;
  readonly #read: Statement;
  readonly #ids = new Map<string, Known>();
  readonly #texts = new Map<number, string>();

  constructor(database: Database) {
    this.#find = database.prepare("SELECT id, used FROM words WHERE word = ?");
    this.#add = database.prepare("INSERT INTO words (word, used) VALUES (?, ?)");
    this.#touch = database.prepare("UPDATE words SET used = ? WHERE id = ?");
    this.#read = database.prepare("SELECT word FROM words WHERE id = ?");
  }

  /** The word's number, which it gets if it has none. 0 for none. @param day since 1970 */
  idOf(word: string | undefined, day: number): number {
    if (word === undefined) return 0;
    let known = this.#ids.get(word);
    if (known === undefined) {
      const row = this.#find.get(word);
      known =
        row === undefined
          ? { id: Number(this.#add.run(word, day).lastInsertRowid), used: day }
          : { id: Number(row["id"]), used: Number(row["used"]) };
      this.#remember(word, known);
    }
    if (known.used < day) {
      this.#touch.run(day, known.id);
      known.used = day;
    }
    return known.id;
  }

  /** The word's number; `undefined` where it has none. */
  find(word: string): number | undefined {
    const row = this.#find.get(word);
    return row === undefined ? undefined : Number(row["id"]);
  }

  textOf(id: unknown): string | undefined {
    if (typeof id !== "number" || id === 0) return undefined;
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const row = this.#read.get(id);
    if (row === undefined) return undefined;
    const text = String(row["word"]);
    if (this.#texts.size >= REMEMBERED) this.#texts.clear();
    this.#texts.set(id, text);
    return text;
  }

  /** After a transaction was rolled back, or words were deleted. */
  forget(): void {
    this.#ids.clear();
    this.#texts.clear();
  }

  #remember(word: string, known: Known): void {
    setLatest(this.#ids, word, known, REMEMBERED);
  }
}
