/** Every method of the control API as it is served; one that is declared but not served does not compile. */
import type { Method, Methods } from "../../../control/contract.ts";
import { accountMethods } from "./accounts.ts";
import { backupMethods } from "./backup.ts";
import { clientMethods } from "./clients.ts";
import { credentialMethods } from "./credentials.ts";
import { keyMethods } from "./keys.ts";
import { proxyMethods } from "./proxy.ts";
import { requestMethods } from "./requests.ts";
import type { Served } from "./served.ts";
import { settingsMethods } from "./settings.ts";
import { statsMethods } from "./stats.ts";

export const METHODS: Served<Methods> = {
  ...proxyMethods,
  ...accountMethods,
  ...credentialMethods,
  ...backupMethods,
  ...requestMethods,
  ...statsMethods,
  ...settingsMethods,
  ...clientMethods,
  ...keyMethods,
};

export function isMethod(name: string): name is Method {
  return Object.hasOwn(METHODS, name);
}
