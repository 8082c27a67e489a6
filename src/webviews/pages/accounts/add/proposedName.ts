/** What an account may be called before the person says so: told apart from those that are there. Pure. */
import { t } from "@vscode/l10n";
import type { LocalServer, ProviderView } from "../../../../control/contract.ts";

export interface NameFacts {
  provider: Pick<ProviderView, "id" | "label">;
  server: Pick<LocalServer, "label"> | undefined;
  /** As it is typed so far. */
  address: string;
  taken: readonly string[];
}

/** @returns `""` while there is nothing to go by */
export function proposedName({ provider, server, address, taken }: NameFacts): string {
  const base = server?.label ?? (provider.id === "custom" ? serverName(address) : provider.label);
  if (base === "" || !taken.includes(base)) return base;
  for (let number = 2; ; number += 1) if (!taken.includes(`${base} ${number}`)) return `${base} ${number}`;
}

/** Ports and addresses tell nobody which one it is. */
function serverName(address: string): string {
  const typed = address.trim();
  const url = URL.parse(/^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`);
  const host = url?.hostname ?? "";
  if (typed === "" || host === "") return "";
  if (/^(localhost|127\.[\d.]+|\[::1\])$/.test(host)) return t("Server on this computer");
  if (/^[\d.]+$|^\[/.test(host)) return t("Server at {0}", host);
  return host.replace(/^(?:www|api)\./, "");
}
