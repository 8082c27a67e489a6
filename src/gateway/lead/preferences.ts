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

const VERSION = 1;

const envelope = z.looseObject({
  version: z.int().positive(),
  settings: z.record(z.string().max(100), z.unknown()),
});

interface Found {
  settings: SettingsChange;
  /** What is wrong with the file. */
  damaged?: string;
  notice?: string;
  readOnly?: boolean;
}

export class Preferences {
  readonly #path: string;
  #settings: SettingsChange;
  /** Writes happen one after the other. */
  #writing: Promise<void> = Promise.resolve();
  /** What a person should know about the file as it was found. */
  readonly notice: string | undefined;
  readonly #readOnly: boolean;

  private constructor(path: string, { settings, notice, readOnly = false }: Found) {
    this.#path = path;
    this.#settings = settings;
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

  async #store(settings: SettingsChange): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    const text = `${JSON.stringify({ version: VERSION, settings }, undefined, 2)}\n`;
    const written = this.#writing.then(() => writeWhole(this.#path, text));
    this.#writing = written.catch(() => {});
    try {
      await written;
    } catch (error) {
      if (this.#settings === settings) this.#settings = before;
      throw new PorticoError(
        "unavailable",
        "The settings could not be saved: the data folder is not writable.",
        {
          cause: error,
        },
      );
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
  const settings: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(outer.data.settings)) {
    const parsed = isSettingName(name) ? settingValues.shape[name].safeParse(value) : undefined;
    if (parsed?.success === true) settings[name] = parsed.data;
    else wrong.push(name);
  }
  if (outer.data.version > VERSION) {
    const notice = "preferences.json was written by a newer Portico. Update Portico to change settings.";
    return { settings, notice, readOnly: true };
  }
  return wrong.length === 0 ? { settings } : { settings, damaged: wrong.slice(0, 3).join(", ") };
}
