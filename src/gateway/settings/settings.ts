/**
 * Every setting of the gateway with its bounds and default. The command line reads them from a
 * file, VS Code from its own settings and `accounts.json`; both end up here.
 */
import * as z from "zod";
import { addressProblem, cleanAddress, cleanKey } from "../../control/pastedText.ts";
import { PROTOCOLS } from "../../control/protocol.ts";
import { visible } from "../common/visible.ts";
import { EFFORTS } from "../protocols/chat.ts";
import { PROVIDER_IDS } from "../providers/ids.ts";
import { headersProblem, headersSchema } from "./accountHeaders.ts";
import { PERIODS } from "./budgetPeriod.ts";
import { BUDGET_UNITS } from "./budgetUnit.ts";
import { keySchema, refuseKey } from "./keySchema.ts";
import { STRATEGIES } from "./strategy.ts";

export const AUTH_MODES = ["off", "strict", "all_except_health", "auto"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** Unit: bytes. */
const MiB = 1024 * 1024;

const httpUrl = z
  .string()
  .overwrite(cleanAddress)
  .superRefine((address, context) => {
    const message = addressProblem(address);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const origin = z
  .string()
  .max(300)
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^\s/]+$/i, {
    error: "must be an origin such as https://app.example.com, without a path",
  })
  .refine((value) => !value.includes("*") || !/^https?:/i.test(value), {
    error: "may hold a wildcard only with a scheme other than http and https, e.g. vscode-webview://*",
  });

export const accountSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    error: "must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit",
  }),
  provider: z.enum(PROVIDER_IDS),
  label: z
    .string()
    .max(100)
    .overwrite((label) => visible(label).slice(0, 100))
    .optional(),
  /** Higher is used first. */
  priority: z.int().min(-1000).max(1000).default(0),
  enabled: z.boolean().default(true),
  /** Base URL per protocol; overrides the provider's own. */
  endpoints: z.partialRecord(z.enum(PROTOCOLS), httpUrl).optional(),
  credentials: z.strictObject({ apiKey: keySchema.optional() }).optional(),
  /** Sent with each request to a server of one's own (`custom`); kept as secret as its key. */
  headers: headersSchema.optional(),
  /** Wildcards (`*`) of the models it serves; absent: the provider's own list. */
  models: z.array(z.string().min(1).max(200)).max(1000).optional(),
  /** Proxy for this account alone; `""`: direct. */
  proxy: z.union([z.literal(""), httpUrl]).optional(),
  /** Requests at once; more wait or go elsewhere. */
  maxInFlight: z.int().min(1).max(10_000).optional(),
  /** Overrides `scheduling.protectBelowPercent`. */
  protectBelowPercent: z.int().min(0).max(100).optional(),
});
export type AccountSettings = z.output<typeof accountSchema>;

export const routeSchema = z.strictObject({
  /** A model name, `*` stands for anything. */
  model: z.string().min(1).max(200),
  /** In order: `ACCOUNT_OR_PROVIDER/MODEL`, or just `MODEL`. */
  to: z.array(z.string().min(1).max(300)).min(1).max(50),
  /** Changes to every request that takes this route. Without one, nothing is ever rewritten. */
  edit: z
    .strictObject({
      effort: z.enum(EFFORTS).optional(),
      /** Tokens of a reply at most; a lower limit of the client's own stays. */
      maxTokens: z.int().min(1).max(10_000_000).optional(),
      /** Put before the client's own system text. */
      systemPrefix: z.string().min(1).max(100_000).optional(),
    })
    .optional(),
});
export type RouteSettings = z.output<typeof routeSchema>;

export const budgetSchema = z.strictObject({
  /** Id of an account; absent: all together. */
  account: z.string().max(64).optional(),
  unit: z.enum(BUDGET_UNITS),
  per: z.enum(PERIODS),
  limit: z.number().positive().max(1e15),
  warnAtPercent: z.number().min(1).max(100).default(80),
});

/** USD per million tokens. */
const usd = z.number().min(0).max(1e6);
export const priceSchema = z.strictObject({
  /** `*` stands for anything. */
  model: z.string().min(1).max(200),
  account: z.string().max(64).optional(),
  input: usd,
  output: usd,
  cacheRead: usd.optional(),
  cacheWrite: usd.optional(),
});

export const settingsSchema = z.strictObject({
  port: z.int().min(0).max(65_535).default(8045),
  /** Listen on all addresses; everyone but this computer then needs the key. */
  allowLanAccess: z.boolean().default(false),
  /** Web origins that may call, with CORS. */
  allowedOrigins: z.array(origin).max(100).default([]),
  /** Further `Host` names, with LAN access. */
  allowedHosts: z.array(z.string().min(1).max(253)).max(100).default([]),
  auth: z
    .strictObject({
      mode: z.enum(AUTH_MODES).default("off"),
      /** Generated when absent. */
      apiKey: z
        .string()
        .overwrite(cleanKey)
        .min(16, { error: "must have at least 16 characters" })
        .max(500)
        .superRefine(refuseKey)
        .optional(),
    })
    .prefault({}),
  accounts: z
    .array(accountSchema)
    .max(1000)
    .default([])
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
    }),
  routes: z.array(routeSchema).max(1000).default([]),
  /** Which of several accounts gets a request. */
  scheduling: z
    .strictObject({
      strategy: z.enum(STRATEGIES).default("cache-first"),
      /** Milliseconds that a conversation waits for its own account rather than move (`cache-first`). */
      stickyWaitMs: z.int().min(0).max(600_000).default(10_000),
      /** Milliseconds that a request waits where nobody is ready but somebody will be; `stickyWaitMs` counts. */
      waitMs: z.int().min(0).max(600_000).default(10_000),
      /** Id of the account that gets everything it serves (`pinned`). */
      pinned: z.string().max(64).optional(),
      /** Percent of its quota below which an account is kept for requests that name it; 0: never. */
      protectBelowPercent: z.int().min(0).max(100).default(0),
    })
    .prefault({}),
  /** Limits of one's own. */
  budgets: z.array(budgetSchema).max(500).default([]),
  /** Of one's own, before those that providers publish; what has neither is not counted in USD. */
  prices: z.array(priceSchema).max(2000).default([]),
  quotas: z
    .strictObject({
      /** Minutes between two questions to a provider about one account, while it is used; 0: only on request. */
      refreshMinutes: z.int().min(0).max(1440).default(15),
    })
    .prefault({}),
  /** Sends requests for titles and summaries, which agents make by themselves, to another model. */
  background: z
    .strictObject({
      enabled: z.boolean().default(false),
      /** As in a route; where nobody serves any of them, the request goes its usual way. */
      to: z.array(z.string().min(1).max(300)).max(50).default([]),
    })
    .prefault({}),
  upstream: z
    .strictObject({
      /** Milliseconds to connect, TLS included. */
      connectTimeoutMs: z.int().min(100).max(300_000).default(10_000),
      /** Milliseconds until the reply's headers; long thinking without a stream takes minutes. */
      headersTimeoutMs: z.int().min(100).max(3_600_000).default(900_000),
      /** Milliseconds without a byte in the midst of a reply. */
      idleTimeoutMs: z.int().min(100).max(3_600_000).default(600_000),
      /** Milliseconds in which further attempts may start. */
      retryDeadlineMs: z.int().min(0).max(3_600_000).default(120_000),
      maxAttempts: z.int().min(1).max(20).default(6),
      /** Milliseconds of silence after which a stream gets a heartbeat. */
      heartbeatMs: z.int().min(50).max(60_000).default(14_000),
      /** A fresh request whose connection was reset may have been billed; send it elsewhere all the same? */
      retryAfterReset: z.boolean().default(true),
    })
    .prefault({}),
  /** `x-portico-account` (its label) and `x-portico-model` on replies. */
  replyHeaders: z.boolean().default(true),
  translation: z
    .strictObject({
      /** Add cache markers and keys where the client's protocol has none and the target's has. */
      promptCaching: z.boolean().default(true),
    })
    .prefault({}),
  /** Stored responses and conversations, for targets without `/v1/responses`. */
  responses: z
    .strictObject({
      maxCount: z.int().min(0).max(100_000).default(1000),
      /** As JSON, in UTF-16 units. */
      maxBytes: z
        .int()
        .min(0)
        .max(4096 * MiB)
        .default(128 * MiB),
      /** Milliseconds since the last use. */
      maxAgeMs: z
        .int()
        .min(1000)
        .max(30 * 86_400_000)
        .default(86_400_000),
      /** Keep them across restarts, and with them the words of conversations; else in memory only. */
      onDisk: z.boolean().default(false),
      /** Of the file, as JSON, in UTF-16 units; the latest stay. */
      onDiskMaxBytes: z
        .int()
        .min(1024)
        .max(256 * MiB)
        .default(16 * MiB),
      /** Milliseconds since the last use. */
      onDiskMaxAgeMs: z
        .int()
        .min(1000)
        .max(30 * 86_400_000)
        .default(86_400_000),
      /** `GET /v1/responses` may become a WebSocket; off: 426, and clients use HTTP. */
      webSocket: z.boolean().default(true),
    })
    .prefault({}),
  /** What is kept of finished requests, in `portico.db`. */
  records: z
    .strictObject({
      enabled: z.boolean().default(true),
      maxAgeDays: z.int().min(1).max(3650).default(30),
      maxRows: z.int().min(100).max(10_000_000).default(1_000_000),
      /** Of the whole file. */
      maxBytes: z
        .int()
        .min(10 * MiB)
        .max(10_240 * MiB)
        .default(300 * MiB),
      /** Headers and bodies as well, without secrets, pictures and files. */
      bodies: z.boolean().default(false),
      /** Of one body. */
      bodyMaxBytes: z
        .int()
        .min(1024)
        .max(16 * MiB)
        .default(64 * 1024),
      /** Of all of them. */
      bodiesMaxBytes: z
        .int()
        .min(MiB)
        .max(1024 * MiB)
        .default(50 * MiB),
      bodiesMaxHours: z.int().min(1).max(720).default(24),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Bytes of one request body, inflated. */
      bodyBytes: z
        .int()
        .min(1024)
        .max(1024 * MiB)
        .default(128 * MiB),
      /** Bytes of all request bodies held at once. */
      bufferedBytes: z
        .int()
        .min(1024)
        .max(8192 * MiB)
        .default(1024 * MiB),
      connections: z.int().min(1).max(100_000).default(2048),
    })
    .prefault({}),
});

/** As a person writes them: everything is optional. */
export type SettingsInput = z.input<typeof settingsSchema>;
/** Complete and valid. */
export type Settings = z.output<typeof settingsSchema>;

export const defaultSettings: Settings = settingsSchema.parse({});
