/** The pages, in the order of the tabs: what each is called, and what it is loaded from when it is first opened. */
import { t } from "@vscode/l10n";
import type { ComponentType } from "preact";
import type { PageName } from "../control/page.ts";

interface PageEntry {
  /** Made when asked for: words follow the display language. */
  title(): string;
  load(): Promise<{ default: ComponentType }>;
}

export const PAGE_TABLE: Readonly<Record<PageName, PageEntry>> = {
  dashboard: { title: () => t("Dashboard"), load: () => import("./pages/dashboard/index.tsx") },
  connect: { title: () => t("Connect"), load: () => import("./pages/connect/index.tsx") },
  accounts: { title: () => t("Accounts"), load: () => import("./pages/accounts/index.tsx") },
  "api-proxy": { title: () => t("API Proxy"), load: () => import("./pages/apiProxy/index.tsx") },
  monitor: { title: () => t("Monitor"), load: () => import("./pages/monitor/index.tsx") },
  "token-stats": { title: () => t("Token Stats"), load: () => import("./pages/tokenStats/index.tsx") },
  settings: { title: () => t("Settings"), load: () => import("./pages/settings/index.tsx") },
};

export function pageTitle(name: PageName): string {
  return PAGE_TABLE[name].title();
}
