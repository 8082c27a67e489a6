/** Behind the methods about traces: where they go, and what the receiver knows us by, which is kept as a secret. */
import { badRequest } from "../common/errors.ts";
import type { SecretStore } from "../common/ports.ts";
import type { Gateway } from "../gateway.ts";
import { headersIn, TELEMETRY_HEADERS_SECRET, tracesUrl } from "../settings/telemetrySettings.ts";
import type { SettingsService } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";

export interface TelemetryServiceDeps {
  readonly settingsStore: SettingsStore;
  readonly secrets: SecretStore;
  readonly gateway: Pick<Gateway, "traces">;
  /** Runs a job behind those before it. */
  readonly change: (job: () => Promise<void>) => Promise<void>;
}

export function createTelemetryService(
  deps: TelemetryServiceDeps,
): Pick<SettingsService, "telemetry" | "setTelemetryHeaders"> {
  const { change, settingsStore, secrets, gateway } = deps;
  async function view() {
    const { telemetry } = settingsStore.settings;
    const url = tracesUrl(telemetry);
    const stored =
      telemetry.headers === undefined && ((await secrets.get(TELEMETRY_HEADERS_SECRET)) ?? "") !== "";
    const headers = telemetry.headers !== undefined ? "config" : stored ? "stored" : "none";
    return {
      ...(url === undefined ? {} : { url: `${url.origin}${url.pathname}` }),
      content: telemetry.content,
      headers,
      ...gateway.traces.counts,
    } as const;
  }
  return {
    telemetry: view,
    async setTelemetryHeaders(text) {
      await change(async () => {
        const { telemetry } = settingsStore.settings;
        if (telemetry.headers !== undefined)
          throw badRequest("The headers stand in the config file. Change them there.");
        if (text.trim() === "") await secrets.delete(TELEMETRY_HEADERS_SECRET);
        else {
          const headers = headersIn(text);
          // Never with a word of it: a line without a colon may be the key itself.
          if (headers === undefined)
            throw badRequest("These are no headers. Write each on a line of its own, as name: value.");
          await secrets.set(TELEMETRY_HEADERS_SECRET, JSON.stringify(headers));
        }
        await gateway.traces.use(telemetry, true);
      });
      return await view();
    },
  };
}
