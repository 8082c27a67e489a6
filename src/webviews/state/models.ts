/** What a tool may ask for, read anew where there are other accounts. */
import type { ModelView } from "../../control/settings.ts";
import { call } from "../transport.ts";
import { knownAccounts } from "./gateway.ts";
import { useLoaded } from "./loaded.ts";

export function useModels() {
  return useLoaded<ModelView[]>(
    (signal) => call("models.list", undefined, { signal, timeoutMs: 60_000 }),
    knownAccounts()
      .map(({ id, enabled }) => `${id} ${enabled}`)
      .join("\n"),
  );
}
