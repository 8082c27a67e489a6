/** Methods about backing up and restoring. */
import type { BackedUp, RestorePlan } from "../backup.ts";
import type { ImportParams } from "../credentials.ts";
import { type MethodsOf, method, type Shape } from "./method.ts";

const list = { added: "number", replaced: "number", kept: "number" } as const;
const plan: Shape<RestorePlan> = {
  accounts: [{ id: "string", provider: "string", label: "string", action: "string", needsKey: "boolean" }],
  routes: list,
  budgets: list,
  prices: list,
  settings: [{ name: "string", from: "string", to: "string" }],
  left: [{ name: "string", why: "string" }],
  exportedAt: "number",
  changes: "boolean",
};

export const backupMethods = {
  /** Accounts with their secrets, routes, budgets and settings; nothing of what belongs to this computer. */
  "backup.export": method<{ passphrase: string }, BackedUp>({
    text: "string",
    accounts: "number",
    routes: "number",
    budgets: "number",
  }),
  "backup.preview": method<ImportParams, RestorePlan>(plan),
  /** What the preview would do. Where it cannot be finished it says so, and doing it again finishes it. */
  "backup.apply": method<ImportParams, RestorePlan>(plan),
};
export type BackupMethods = MethodsOf<typeof backupMethods>;
