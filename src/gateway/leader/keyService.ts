/** The gateway's own key, as people read it and change it. */
import { badRequest, PorticoError } from "../common/errors.ts";
import type { GatewayKey } from "./gatewayKey.ts";
import type { Services } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";

export interface KeyServiceDeps {
  readonly inTurn: <T>(job: () => Promise<T>) => Promise<T>;
  readonly settingsStore: SettingsStore;
  readonly key: GatewayKey;
  /** Puts the settings in force to work. */
  readonly apply: () => Promise<void>;
  /** What keeps secrets from being read, for a person. */
  readonly failure: string;
}

export function createKeyService(deps: KeyServiceDeps): Pick<Services, "apiKey" | "rotateKey"> {
  const { inTurn, settingsStore, key, apply, failure } = deps;
  /** @throws PorticoError while it cannot be read */
  function atHand(): string {
    if (settingsStore.apiKey !== undefined) return settingsStore.apiKey;
    throw new PorticoError("unavailable", `The key cannot be shown now. ${failure}`);
  }
  return {
    apiKey: async () => atHand(),
    rotateKey: () =>
      inTurn(async () => {
        if (settingsStore.fixed.apiKey !== undefined)
          throw badRequest("The key stands in the config file. Change it there.");
        settingsStore.use({ apiKey: await key.rotate() });
        await apply();
        return atHand();
      }),
  };
}
