/** The settings in force: composed of their homes, and changed where Portico is their home. */
import type { Problem } from "../../control/contract.ts";
import type { SettingHome, SettingName, SettingsChange, SettingsView } from "../../control/settings.ts";
import type { WindowSettings } from "../../control/window.ts";
import type { AccountsFile } from "../accounts/accountsFile.ts";
import { badRequest } from "../common/errors.ts";
import type { AccountSettings, Settings } from "../settings/settings.ts";
import { BOUNDS, EDITABLE, editableOf, labelOf, SETTING_NAMES } from "../settings/table.ts";
import { type Composed, composeSettings, type Fixed } from "./composeSettings.ts";
import type { KeysFile } from "./keysFile.ts";
import type { Preferences } from "./preferencesFile.ts";

export interface SettingsStoreOptions {
  /** In VS Code, its own settings hold some. */
  readonly kind: "vscode" | "headless";
  readonly window: WindowSettings;
  readonly fixed: Fixed;
  readonly file: Pick<AccountsFile, "accounts" | "routes" | "switched">;
  readonly preferences: Preferences;
  readonly keysFile: Pick<KeysFile, "keys" | "revoked">;
  readonly apiKey: string | undefined;
  /** Settings that are not valid, as words. */
  warn(message: string): void;
}

export class SettingsStore {
  readonly #options: SettingsStoreOptions;
  #window: WindowSettings;
  #fixed: Fixed;
  #apiKey: string | undefined;
  #port: number | undefined;
  #composed: Composed;

  constructor(options: SettingsStoreOptions) {
    this.#options = options;
    this.#window = options.window;
    this.#fixed = options.fixed;
    this.#apiKey = options.apiKey;
    this.#composed = this.#compose(options.preferences.settings);
  }

  get settings(): Settings {
    return this.#composed.settings;
  }

  get problems(): readonly Problem[] {
    return this.#composed.problems;
  }

  get fixed(): Fixed {
    return this.#fixed;
  }

  /** The config file's, switched off or on as the person wants them. */
  get fixedAccounts(): readonly AccountSettings[] {
    const wanted = new Map(this.#options.file.switched.map(({ id, enabled }) => [id, enabled]));
    return this.#fixed.accounts.map((entry) => ({
      ...entry,
      enabled: wanted.get(entry.id) ?? entry.enabled,
    }));
  }

  /** Absent while it cannot be read. */
  get apiKey(): string | undefined {
    return this.#apiKey;
  }

  /**
   * Other sources; what is not given stays. In force from here on.
   * @param sources.port in place of what the settings say, until they are told anew
   */
  use(sources: { window?: WindowSettings; fixed?: Fixed; apiKey?: string | undefined; port?: number }): void {
    if (sources.window !== undefined) {
      this.#window = sources.window;
      this.#port = undefined;
    }
    this.#port = sources.port ?? this.#port;
    this.#fixed = sources.fixed ?? this.#fixed;
    if ("apiKey" in sources) this.#apiKey = sources.apiKey;
    this.compose();
  }

  /** Takes up what changed in the files. */
  compose(): void {
    this.#composed = this.#compose(this.#options.preferences.settings);
    for (const { message } of this.#composed.problems) this.#options.warn(message);
  }

  home(name: SettingName): SettingHome {
    if (this.#options.kind === "vscode") return EDITABLE.get(name)?.about.home ?? "portico";
    return this.#fixed.names?.has(name) === true ? "config" : "portico";
  }

  view(): SettingsView {
    const homes = Object.fromEntries(SETTING_NAMES.map((name) => [name, this.home(name)]));
    const { configFile } = this.#fixed;
    return {
      values: editableOf(this.settings),
      homes: homes as Record<SettingName, SettingHome>,
      bounds: BOUNDS,
      ...(configFile === undefined ? {} : { configFile }),
    };
  }

  /** All or nothing; the caller puts it to work. @throws PorticoError `invalid_request` naming the setting */
  async update(change: SettingsChange): Promise<void> {
    for (const name of Object.keys(change) as SettingName[]) {
      const words = `"${labelOf(name)}"`;
      const home = this.home(name);
      if (home === "vscode") {
        throw badRequest(`${words} stands in VS Code's settings, as portico.${name}. Change it there.`, name);
      }
      if (home === "config") {
        const where = this.#fixed.configFile === undefined ? "" : ` (${this.#fixed.configFile})`;
        throw badRequest(
          `${words} is set in the config file${where} or on the command line. Change it there.`,
          name,
        );
      }
    }
    const { preferences } = this.#options;
    const known = new Set(this.#composed.problems.map(({ message }) => message));
    const problem = this.#compose({ ...preferences.settings, ...change }).problems.find(
      ({ message }) => !known.has(message),
    );
    if (problem !== undefined) throw badRequest(problem.message);
    await preferences.change(change);
    if (change.port !== undefined) this.#port = undefined;
  }

  #compose(preferences: SettingsChange): Composed {
    const { accounts, routes } = this.#options.file;
    const { keys, revoked } = this.#options.keysFile;
    const own = Object.fromEntries(
      Object.entries(preferences).filter(([name]) => this.home(name as SettingName) === "portico"),
    );
    return composeSettings({
      window: this.#window,
      preferences: this.#port === undefined ? own : { ...own, port: this.#port },
      fixed: { ...this.#fixed, accounts: this.fixedAccounts },
      accounts,
      routes,
      keys,
      revoked,
      apiKey: this.#apiKey,
    });
  }
}
