/**
 * `preferences.json`: the settings that a person changed from the pages and that no other place holds.
 * One process reads and writes it, the leader.
 */
import * as z from "zod";
import type { SettingsChange } from "../../control/settings.ts";
import { EDITABLE_VALUES, isSettingName } from "../settings/table.ts";
import { Document, type DocumentOptions } from "../state/document.ts";
import { FILE_VERSION } from "../state/versionedFile.ts";

const envelope = z.looseObject({
  version: z.int().positive(),
  settings: z.record(z.string().max(100), z.unknown()),
});

/** Names of a newer Portico; more is let go. */
const MAX_UNKNOWN = 200;

interface Contents {
  readonly settings: SettingsChange;
  /** What this version does not know, as it was found: a newer one, which shares this folder, does. */
  readonly unknown: {
    /** Beside `settings`. */
    readonly fields: Readonly<Record<string, unknown>>;
    readonly settings: Readonly<Record<string, unknown>>;
  };
}

const EMPTY: Contents = { settings: {}, unknown: { fields: {}, settings: {} } };

const options: DocumentOptions<Contents> = {
  what: "The settings",
  use: "change settings",
  empty: EMPTY,
  read,
  write: ({ settings, unknown }) => ({
    ...unknown.fields,
    version: FILE_VERSION,
    settings: { ...unknown.settings, ...settings },
  }),
};

export class Preferences extends Document<Contents> {
  /** @throws only when the folder cannot be read or written. */
  static open(path: string, now: () => number): Promise<Preferences> {
    return new Preferences(path, options, now).load();
  }

  get settings(): SettingsChange {
    return this.value.settings;
  }

  /** @throws PorticoError where it cannot be written; then nothing has changed */
  change(change: SettingsChange): Promise<void> {
    const { settings, unknown } = this.value;
    return this.replace({ settings: { ...settings, ...change }, unknown });
  }

  /** Once more, where the file is gone. */
  async rewrite(): Promise<void> {
    if (!this.readOnly && Object.keys(this.settings).length > 0) await this.change({});
  }
}

function read(json: unknown): { value: Contents; damaged?: string } {
  const outer = envelope.safeParse(json);
  if (!outer.success) return { value: EMPTY, damaged: "it does not hold settings" };
  const { version: _version, settings: given, ...fields } = outer.data;
  const settings: Record<string, unknown> = {};
  const others: [string, unknown][] = [];
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!isSettingName(name)) {
      others.push([name, value]);
      continue;
    }
    const parsed = EDITABLE_VALUES[name].safeParse(value);
    if (parsed.success) settings[name] = parsed.data;
    else wrong.push(name);
  }
  const unknown = {
    fields: Object.fromEntries(Object.entries(fields).slice(0, MAX_UNKNOWN)),
    settings: Object.fromEntries(others.slice(0, MAX_UNKNOWN)),
  };
  const value = { settings, unknown };
  return wrong.length === 0 ? { value } : { value, damaged: wrong.slice(0, 3).join(", ") };
}
