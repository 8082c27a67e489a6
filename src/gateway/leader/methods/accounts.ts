/** Serves the methods about accounts. */
import * as z from "zod";
import type { AccountMethods } from "../../../control/methods/accounts.ts";
import { DEFAULT_PROTOCOL, PROTOCOLS } from "../../../control/protocol.ts";
import { keySchema } from "../../settings/keySchema.ts";
import { accountSchema } from "../../settings/settings.ts";
import { newAccount } from "./newAccount.ts";
import type { Served } from "./served.ts";
import { routeRules } from "./settings.ts";

const { label, priority, enabled } = accountSchema.shape;
const id = z.string().min(1).max(64);

export const accountMethods: Served<AccountMethods> = {
  "providers.list": { params: z.undefined(), run: (services) => services.providers() },
  "local.detect": { params: z.undefined(), run: (services, _, { signal }) => services.detectLocal(signal) },
  "accounts.check": {
    params: newAccount,
    run: (services, account, { signal }) => services.checkAccount(account, signal),
  },
  "accounts.add": { params: newAccount, run: (services, account) => services.addAccount(account) },
  "accounts.remove": {
    params: z.strictObject({ id: z.string().max(64) }),
    run: async (services, params) => ({ removed: await services.removeAccount(params.id) }),
  },
  "accounts.list": { params: z.undefined(), run: ({ accounts }) => accounts.list() },
  "accounts.update": {
    params: z.strictObject({
      id,
      enabled: enabled.unwrap().exactOptional(),
      priority: priority.unwrap().exactOptional(),
      label: label.unwrap().exactOptional(),
    }),
    run: ({ accounts }, change) => accounts.update(change),
  },
  "accounts.test": {
    params: z.strictObject({ id }),
    run: ({ accounts }, params, { signal }) => accounts.test(params.id, signal),
  },
  "accounts.replaceKey": {
    params: z.strictObject({ id, apiKey: keySchema, keep: z.boolean().exactOptional() }),
    run: ({ accounts }, { id: account, apiKey, keep = false }, { signal }) =>
      accounts.replaceKey(account, apiKey, keep, signal),
  },
  "accounts.quotas.refresh": {
    params: z.undefined(),
    async run({ accounts }) {
      await accounts.refreshQuotas();
      return await accounts.list();
    },
  },
  "accounts.clear": {
    params: z.strictObject({ id, model: z.string().min(1).max(500).exactOptional() }),
    async run({ accounts }, { id: account, model }) {
      await accounts.clear(account, model);
      return await accounts.list();
    },
  },
  "route.explain": {
    params: z.strictObject({
      model: z.string().trim().min(1).max(500),
      protocol: z.enum(PROTOCOLS).exactOptional(),
      routes: routeRules.exactOptional(),
    }),
    run: ({ accounts }, { model, protocol = DEFAULT_PROTOCOL, routes }) =>
      accounts.explain(model, protocol, routes),
  },
};
