/** Every method of the control API. Who serves them: `gateway/leader/methods/`, in files of the same names. */
import { accountMethods } from "./accounts.ts";
import { backupMethods } from "./backup.ts";
import { clientMethods } from "./clients.ts";
import { credentialMethods } from "./credentials.ts";
import { keyMethods } from "./keys.ts";
import type { MethodsOf } from "./method.ts";
import { proxyMethods } from "./proxy.ts";
import { requestMethods } from "./requests.ts";
import { settingsMethods } from "./settings.ts";
import { statsMethods } from "./stats.ts";

export const METHODS = {
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

/** Name -> `[params, result]`. */
export type Methods = MethodsOf<typeof METHODS>;
