/** The pool of a config file: what speaks to its engine is loaded here alone. */
import { t } from "@vscode/l10n";
import { codeOf } from "../gateway/common/dataFolder.ts";
import { type Log, systemClock } from "../gateway/common/ports.ts";
import type { PoolPort } from "../gateway/pool/port.ts";
import type { PoolSettings } from "../gateway/settings/poolSettings.ts";
import { ConfigError } from "./command.ts";

/** @throws ConfigError where this Portico comes without it */
export async function openPool(settings: PoolSettings | undefined, log: Log): Promise<PoolPort | undefined> {
  if (settings === undefined) return undefined;
  const { joinPool } = await import("../gateway/pool/shared.ts").catch((error: unknown) => {
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ConfigError(
      t(
        'The config file has a "pool", which the VS Code extension comes without: run portico from the npm package, the container image or a clone.',
      ),
    );
  });
  return await joinPool({ settings, clock: systemClock, log });
}
