/** What a tool may ask for, read anew where there are other accounts. */
import type { ModelView } from "../../control/settings.ts";
import { call } from "../transport.ts";
import { accounts } from "./gateway.ts";
import { useLoaded } from "./loaded.ts";

export function useModels() {
  const list = accounts.value.kind === "ready" ? accounts.value.value : [];
  return useLoaded<ModelView[]>(
    (signal) => call("models.list", undefined, { signal, timeoutMs: 60_000 }),
    list.map(({ id, enabled }) => `${id} ${enabled}`).join("\n"),
  );
}
