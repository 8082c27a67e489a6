/** Settings of a run: the config file, with what the command line says on top. */

import { resolve } from "node:path";
import { t } from "@vscode/l10n";
import { codeOf } from "../gateway/common/dataFolder.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { readText } from "../gateway/common/readText.ts";
import {
  type Environment,
  formatProblems,
  type LoadedSettings,
  loadSettings,
} from "../gateway/config/load.ts";
import { telemetryFrom } from "../gateway/config/telemetryEnvironment.ts";
import type { Fixed } from "../gateway/leader/composeSettings.ts";
import { defaultSettings, type Settings } from "../gateway/settings/settings.ts";
import { ConfigError, type ServeArguments, UsageError } from "./command.ts";

/** What the command line says counts as given, too. */
export interface Loaded extends LoadedSettings {
  /** The file's text; absent without a file. */
  readonly text: string | undefined;
  /** What of the environment could not be followed, for the log. */
  readonly warnings: readonly string[];
}

/** @throws ConfigError with all that is wrong, one line each. */
export async function readSettings(
  args: Pick<ServeArguments, "config" | "port" | "host">,
  env: Environment,
): Promise<Loaded> {
  if (args.config === undefined) {
    const given = givenBy(new Set(), args);
    const { settings, warnings, secrets } = withEnvironment(override(defaultSettings, args), env);
    return { settings, given, secrets, text: undefined, warnings };
  }
  let text: string;
  try {
    text = await readText(args.config);
  } catch (error) {
    const why = codeOf(error) === "ENOENT" ? t("there is no such file") : messageOf(error);
    throw new ConfigError(t("cannot read the config file {0}: {1}", args.config, why));
  }
  const result = loadSettings(text, env);
  if (!result.ok) {
    throw new ConfigError(
      [t("the config file does not hold:"), ...formatProblems(args.config, result.problems)].join("\n"),
    );
  }
  const { settings, warnings, secrets } = withEnvironment(override(result.settings, args), env);
  const given = givenBy(result.given, args);
  return { settings, given, secrets: [...result.secrets, ...secrets], text, warnings };
}

/** With the receiver of traces that OpenTelemetry's own variables name. */
export function withEnvironment(
  settings: Settings,
  env: Environment,
): Pick<Loaded, "settings" | "secrets" | "warnings"> {
  const { settings: telemetry, ...rest } = telemetryFrom(settings.telemetry, env);
  return { settings: { ...settings, telemetry }, ...rest };
}

/** With what `override` takes from the command line. */
export function givenBy(
  file: ReadonlySet<string>,
  { port, host }: Pick<ServeArguments, "port" | "host">,
): ReadonlySet<string> {
  return new Set([
    ...file,
    ...(port === undefined ? [] : ["port"]),
    ...(host === undefined ? [] : ["allowLanAccess"]),
  ]);
}

/** @throws UsageError when the command line asks for what the settings do not allow. */
export function override(
  settings: Settings,
  { port, host }: Pick<ServeArguments, "port" | "host">,
): Settings {
  if (host?.loopback === false && !settings.allowLanAccess) {
    throw new UsageError(
      t(
        '--host {0} opens Portico to other computers, which the config file must allow: "allowLanAccess": true',
        host.address,
      ),
    );
  }
  return {
    ...settings,
    port: port ?? settings.port,
    allowLanAccess: settings.allowLanAccess && host?.loopback !== true,
  };
}

/** The one address to listen on; all of them and the default are what the settings say anyway. */
export function listenOn({ host }: Pick<ServeArguments, "host">): { host?: string } {
  const everywhere = host?.address === "0.0.0.0" || host?.address === "::";
  return host === undefined || everywhere ? {} : { host: host.address };
}

/** The config file's part that is like a window's, and the part that stays the file's. */
export function split(
  { settings, given }: Pick<Loaded, "settings" | "given">,
  config: string | undefined,
): {
  window: Record<string, unknown>;
  fixed: Fixed;
} {
  const {
    accounts,
    routes,
    keys,
    revokedKeys,
    auth: { apiKey, ...auth },
    notify: _notify,
    pool: _pool,
    ...rest
  } = settings;
  const configFile = config === undefined ? {} : { configFile: resolve(config) };
  const fixed = { accounts, routes, keys, revokedKeys, apiKey, names: given, ...configFile };
  return { window: { ...rest, auth }, fixed };
}
