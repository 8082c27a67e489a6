/** An account as a config file has it. */
import * as z from "zod";
import { addressProblem, cleanAddress } from "../../control/pastedText.ts";
import { PROTOCOLS } from "../../control/protocol.ts";
import { visible } from "../../control/visible.ts";
import { PROVIDER_IDS } from "../providers/ids.ts";
import { ABOUT, codes } from "./about.ts";
import { headersProblem, headersSchema } from "./accountHeaders.ts";
import { keySchema } from "./keySchema.ts";

const httpUrl = z
  .string()
  .overwrite(cleanAddress)
  .superRefine((address, context) => {
    const message = addressProblem(address);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const SOCKS = /^socks(?:5h?)?:\/\/(?=[^/\s])/i;

/** As an `http://` address, or the same with `socks5://`. */
const proxyUrl = z
  .string()
  .overwrite(cleanAddress)
  .superRefine((address, context) => {
    const message = addressProblem(address.replace(SOCKS, "http://"));
    if (message === undefined) return;
    const allowed = message.replace("http:// or https://", "http://, https:// or socks5://");
    context.addIssue({ code: "custom", message: allowed });
  });

export const accountSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      error: "must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit",
    })
    .register(ABOUT, { meaning: "a name of your own", otherwise: "required" }),
  provider: z.enum(PROVIDER_IDS).register(ABOUT, { meaning: codes(PROVIDER_IDS), otherwise: "required" }),
  label: z
    .string()
    .max(100)
    .overwrite((label) => visible(label).slice(0, 100))
    .optional()
    .register(ABOUT, { meaning: "what is shown" }),
  priority: z.int().min(-1000).max(1000).default(0).register(ABOUT, { meaning: "higher is used first" }),
  enabled: z.boolean().default(true).register(ABOUT, { meaning: "" }),
  endpoints: z
    .partialRecord(z.enum(PROTOCOLS), httpUrl)
    .optional()
    .register(ABOUT, { meaning: `base URL per protocol: ${codes(PROTOCOLS)}`, otherwise: "the provider's" }),
  credentials: z
    .strictObject({
      apiKey: keySchema
        .optional()
        .register(ABOUT, { meaning: `best as \`\${env:NAME}\` or \`\${file:/PATH}\`` }),
    })
    .optional(),
  headers: headersSchema.optional().register(ABOUT, {
    meaning: "sent with every request to a `custom` server; as secret as its key",
  }),
  models: z
    .array(z.string().min(1).max(200))
    .max(1000)
    .optional()
    .register(ABOUT, { meaning: "what it serves, with wildcards", otherwise: "the provider's list" }),
  proxy: z
    .union([z.literal(""), proxyUrl])
    .optional()
    .register(ABOUT, {
      meaning: 'a proxy for this account alone, `http://`, `https://` or `socks5://`; `""`: none',
      otherwise: "the network's",
    }),
  maxInFlight: z.int().min(1).max(10_000).optional().register(ABOUT, {
    meaning: "requests at once; more wait or go elsewhere",
    otherwise: "no limit",
  }),
  protectBelowPercent: z.int().min(0).max(100).optional().register(ABOUT, {
    meaning: "percent of its quota below which it is kept for requests that name it",
    otherwise: "`scheduling`'s",
  }),
  thinkTags: z.boolean().optional().register(ABOUT, {
    meaning:
      "`<think>…</think>` at the beginning of its chat replies is shown as reasoning to other protocols",
    otherwise: "on for servers on this computer",
  }),
});
export type AccountSettings = z.output<typeof accountSchema>;

/** All of them: each has its own id, and headers that go with its provider and key. */
export const accountsSchema = z
  .array(accountSchema)
  .max(1000)
  .superRefine((accounts, context) => {
    const seen = new Set<string>();
    for (const [index, account] of accounts.entries()) {
      if (seen.has(account.id)) {
        context.addIssue({ code: "custom", path: [index, "id"], message: `"${account.id}" is used twice` });
      }
      seen.add(account.id);
      const hasKey = account.credentials?.apiKey !== undefined;
      const message = headersProblem(account.headers, { provider: account.provider, hasKey });
      if (message !== undefined) context.addIssue({ code: "custom", path: [index, "headers"], message });
    }
  });
