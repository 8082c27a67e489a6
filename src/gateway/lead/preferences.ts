/**
 * `preferences.json`: the settings that a person changed from the pages and that no other place holds.
 * One process reads and writes it, the leader.
 */
import { copyFile } from "node:fs/promises";
import * as z from "zod";
import type { SettingsChange } from "../../control/settings.ts";
import { settingValues } from "../control/settingSchemas.ts";
import { isSettingName } from "../control/settingWords.ts";
import { readIfThere, writeWhole } from "../dataFolder.ts";
import { PorticoError } from "../errors.ts";
import { notSaved } from "../fileTrouble.ts";

const VERSION = 1;

const envelope = z.looseObject({
  version: z.int().positive(),
  settings: z.record(z.string().max(100), z.unknown()),
});

/** Names of a newer Portico; more is let go. */
const MAX_UNKNOWN = 200;

interface Found {
  settings: SettingsChange;
  /** What this version does not know, as it was found: a newer one, which shares this folder, does. */
  unknown?: Unknown;
  /** What is wrong with the file. */
  damaged?: string;
  notice?: string;
  readOnly?: boolean;
}

interface Unknown {
  /** Beside `settings`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

export class Preferences {
  readonly #path: string;
  #settings: SettingsChange;
  /** Writes happen one after the other. */
  #writing: Promise<void> = Promise.resolve();
  /** What a person should know about the file as it was found. */
  readonly notice: string | undefined;
  readonly #readOnly: boolean;
  readonly #unknown: Unknown;

  private constructor(path: string, { settings, notice, unknown, readOnly = false }: Found) {
    this.#path = path;
    this.#settings = settings;
    this.#unknown = unknown ?? { fields: {}, settings: {} };
    this.notice = notice;
    this.#readOnly = readOnly;
  }

  /**
   * A broken file is copied aside and what can be read of it is kept.
   * @throws only when the folder cannot be read or written.
   */
  static async open(path: string, now: () => number): Promise<Preferences> {
    const text = await readIfThere(path);
    const found = text === undefined ? { settings: {} } : parse(text);
    if (found.damaged === undefined) return new Preferences(path, found);
    const aside = `${path}.broken-${new Date(now()).toISOString().replaceAll(/[:.]/g, "-")}`;
    await copyFile(path, aside);
    const notice = `preferences.json could not be read in full (${found.damaged}). The file as it was is kept at ${aside}.`;
    const preferences = new Preferences(path, { ...found, notice });
    await preferences.#store(found.settings);
    return preferences;
  }

  get settings(): SettingsChange {
    return this.#settings;
  }

  /** @throws PorticoError where it cannot be written; then nothing has changed */
  async change(change: SettingsChange): Promise<void> {
    if (this.#readOnly) throw new PorticoError("permission", this.notice ?? "preferences.json is read-only.");
    await this.#store({ ...this.#settings, ...change });
  }

  /** Once more, where the file is gone. */
  async rewrite(): Promise<void> {
    if (!this.#readOnly && Object.keys(this.#settings).length > 0) await this.#store(this.#settings);
  }

  async #store(settings: SettingsChange): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    const { fields, settings: others } = this.#unknown;
    const all = { ...fields, version: VERSION, settings: { ...others, ...settings } };
    const text = `${JSON.stringify(all, undefined, 2)}\n`;
    const written = this.#writing.then(() => writeWhole(this.#path, text));
    this.#writing = written.catch(() => {});
    try {
      await written;
    } catch (error) {
      if (this.#settings === settings) this.#settings = before;
      throw notSaved("The settings", this.#path, error);
    }
  }
}

function parse(text: string): Found {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { settings: {}, damaged: "it is not JSON" };
  }
  const outer = envelope.safeParse(json);
  if (!outer.success) return { settings: {}, damaged: "it does not hold settings" };
  const { version, settings: given, ...fields } = outer.data;
  const settings: Record<string, unknown> = {};
  const others: [string, unknown][] = [];
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!isSettingName(name)) {
      others.push([name, value]);
      continue;
    }
    const parsed = settingValues.shape[name].safeParse(value);
    if (parsed.success) settings[name] = parsed.data;
    else wrong.push(name);
  }
  const unknown = {
    fields: Object.fromEntries(Object.entries(fields).slice(0, MAX_UNKNOWN)),
    settings: Object.fromEntries(others.slice(0, MAX_UNKNOWN)),
  };
  if (version > VERSION) {
    const notice = "preferences.json was written by a newer Portico. Update Portico to change settings.";
    return { settings, notice, readOnly: true };
  }
  return { settings, unknown, ...(wrong.length === 0 ? {} : { damaged: wrong.slice(0, 3).join(", ") }) };
}
