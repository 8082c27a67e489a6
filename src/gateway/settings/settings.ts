/**
 * Every setting with its bounds and default, and what people are told of it. The command line reads them
 * from a file, VS Code from its own settings and `accounts.json`; both end up here. After a change
 * `npm run settings` writes what derives from it.
 */
import * as z from "zod";
import { cleanKey } from "../../control/pastedText.ts";
import { ABOUT } from "./about.ts";
import { accountsSchema } from "./accountSettings.ts";
import { clientKeysSchema, revokedSchema } from "./clientKeys.ts";
import { refuseKey } from "./keySchema.ts";
import { notifySchema } from "./notifySettings.ts";
import { poolSchema } from "./poolSettings.ts";
import { budgetSchema, priceSchema, routeSchema } from "./rules.ts";
import { MiB, recordsSchema, responsesSchema } from "./storageSettings.ts";
import { STRATEGIES } from "./strategy.ts";
import { telemetrySchema } from "./telemetrySettings.ts";

export { type AccountSettings, accountSchema } from "./accountSettings.ts";
export { type RouteSettings, routeSchema } from "./rules.ts";

export const AUTH_MODES = ["off", "strict", "all_except_health", "auto"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

const origin = z
  .string()
  .max(300)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s/]+$/, {
    error: "must be an origin such as https://app.example.com, without a path",
  })
  .refine((value) => !value.includes("*") || !/^https?:/i.test(value), {
    error: "may hold a wildcard only with a scheme other than http and https, e.g. vscode-webview://*",
  });

export const settingsSchema = z.strictObject({
  port: z.int().min(0).max(65_535).default(8045).register(ABOUT, {
    home: "vscode",
    group: "start",
    opens: true,
    label: "Port",
    meaning: "0 picks a free one",
    description:
      "The port that clients talk to. When it is taken, Portico says by whom and asks; it never moves to another port by itself.",
  }),
  allowLanAccess: z.boolean().default(false).register(ABOUT, {
    home: "vscode",
    group: "access",
    opens: true,
    label: "LAN access",
    meaning: "listen for other computers, too; they always need the key",
    description:
      "**LAN access:** let other computers on your network use Portico. They must always show the key (**Portico: Copy API Key**). The connection is not encrypted.",
  }),
  auth: z
    .strictObject({
      mode: z
        .enum(AUTH_MODES)
        .default("off")
        .register(ABOUT, {
          home: "vscode",
          group: "access",
          opens: true,
          label: "Who needs the key",
          meaning:
            "who needs the key on this computer: `off` and `auto` nobody, `all_except_health` everyone but for health, `strict` everyone",
          description: "Who has to show the key. Other computers always have to, whatever is chosen here.",
          options: {
            off: { label: "Nobody on this computer", text: "Programs on this computer need no key." },
            strict: { label: "Everybody, for everything", text: "Programs on this computer need the key." },
            all_except_health: {
              label: "Everybody, but for the health check",
              text: "Programs on this computer need the key for everything but the health check.",
            },
            auto: {
              label: "Automatic",
              text: "As “Nobody on this computer”: other computers always need the key.",
            },
          },
        }),
      apiKey: z
        .string()
        .overwrite(cleanKey)
        .min(16, { error: "must have at least 16 characters" })
        .max(500)
        .superRefine(refuseKey)
        .optional()
        .register(ABOUT, {
          meaning: "the key; a generated one is in `secrets.json` in the data folder",
          otherwise: "generated",
        }),
    })
    .prefault({}),
  allowedOrigins: z.array(origin).max(100).default([]).register(ABOUT, {
    home: "vscode",
    group: "access",
    opens: true,
    label: "Allowed web origins",
    meaning:
      "web origins that may call, exactly; a wildcard only beside other schemes than http(s), such as `vscode-webview://*`",
    description:
      "Web pages that may call Portico, as exact origins such as `https://app.example.com`. A wildcard works only with schemes other than http and https, e.g. `vscode-webview://*`. No web page may call it by default.",
  }),
  allowedHosts: z.array(z.string().min(1).max(253)).max(100).default([]).register(ABOUT, {
    home: "vscode",
    group: "access",
    opens: true,
    label: "Allowed host names",
    meaning: "further `Host` names, with LAN access",
    description:
      "Further names under which clients may reach Portico when LAN access is on, e.g. `my-computer.local`.",
  }),
  accounts: accountsSchema.default([]),
  routes: z.array(routeSchema).max(1000).default([]),
  keys: clientKeysSchema.default([]).register(ABOUT, {
    meaning:
      "keys of clients and their limits: `{id, key, name?, enabled?, expiresAt?, models?, accounts?, budgets?, perMinute?, atOnce?, from?, note?}`; `key` is `sha256:…` or comes from the environment; see [client keys](docs/keys.md)",
  }),
  revokedKeys: revokedSchema.default([]).register(ABOUT, {
    meaning: "digests (`sha256:…`) of keys that are refused, whatever the mode",
  }),
  scheduling: z
    .strictObject({
      strategy: z.enum(STRATEGIES).default("cache-first").register(ABOUT, {
        home: "portico",
        label: "Strategy",
        meaning:
          "`cache-first`, `balanced`, `round-robin`, `fill-first` or `pinned`; see [scheduling](docs/scheduling.md)",
      }),
      stickyWaitMs: z.int().min(0).max(600_000).default(10_000).register(ABOUT, {
        home: "portico",
        label: "Wait for a conversation's account",
        meaning: "that a conversation waits for its own account rather than move",
      }),
      waitMs: z.int().min(0).max(600_000).default(10_000).register(ABOUT, {
        home: "portico",
        label: "Wait until an account is ready",
        meaning:
          "that a request waits where no account is ready but one will be; the wait for a conversation's own account counts",
      }),
      pinned: z.string().max(64).default("").register(ABOUT, {
        home: "portico",
        label: "Pinned account",
        meaning: "id of the account that gets all it serves (`pinned`)",
        otherwise: "",
      }),
      protectBelowPercent: z.int().min(0).max(100).default(0).register(ABOUT, {
        home: "portico",
        label: "Protect quotas below",
        meaning: "for all accounts",
      }),
    })
    .prefault({}),
  budgets: z.array(budgetSchema).max(500).default([]).register(ABOUT, {
    home: "portico",
    label: "Budgets",
    meaning:
      "limits of your own: `{unit, per, limit, account?, warnAtPercent?}`; `unit` is `tokens`, `requests` or `usd`, `per` is `day`, `week` or `month`",
  }),
  prices: z.array(priceSchema).max(2000).default([]).register(ABOUT, {
    home: "portico",
    label: "Prices",
    meaning:
      "of your own, in USD per million tokens, where they differ from what the provider charges: `{model, input, output, cacheRead?, cacheWrite?, account?}`",
  }),
  quotas: z
    .strictObject({
      refreshMinutes: z.int().min(0).max(1440).default(15).register(ABOUT, {
        home: "portico",
        label: "Minutes between quota checks",
        meaning: "between two questions to a provider about an account in use; `0`: only on request",
      }),
    })
    .prefault({}),
  background: z
    .strictObject({
      enabled: z.boolean().default(false).register(ABOUT, {
        home: "portico",
        label: "Background requests to another model",
        meaning: "send the title and summary requests that agents make by themselves to a cheaper model",
      }),
      to: z.array(z.string().min(1).max(300)).max(50).default([]).register(ABOUT, {
        home: "portico",
        label: "Models for background requests",
        meaning:
          "to which models, in order, as in a route; where nobody serves any of them, they go their usual way",
      }),
    })
    .prefault({}),
  translation: z
    .strictObject({
      promptCaching: z.boolean().default(true).register(ABOUT, {
        meaning: "add cache markers and keys where the client's protocol has none and the provider's has",
      }),
    })
    .prefault({}),
  replyHeaders: z.boolean().default(true).register(ABOUT, {
    home: "portico",
    label: "Reply headers",
    meaning:
      "say on replies who answered: `x-portico-account` (the account's label, percent-encoded where it is not plain ASCII) and `x-portico-model`",
  }),
  upstream: z
    .strictObject({
      connectTimeoutMs: z.int().min(100).max(300_000).default(10_000).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "to connect, TLS included",
        description: "Milliseconds to connect to a provider.",
      }),
      headersTimeoutMs: z.int().min(100).max(3_600_000).default(900_000).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "until a reply begins",
        description:
          "Milliseconds until a provider starts to answer. Long thinking without a stream takes minutes.",
      }),
      idleTimeoutMs: z.int().min(100).max(3_600_000).default(600_000).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "without a byte within a reply",
        description: "Milliseconds without a single byte in the middle of an answer.",
      }),
      retryDeadlineMs: z.int().min(0).max(3_600_000).default(120_000).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "in which further attempts may start",
        description:
          "Milliseconds after a request came in during which it may be tried again, on the same or another account.",
      }),
      maxAttempts: z.int().min(1).max(20).default(6).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "per request; refusals for the key, money, permission, the model or a limit do not count",
        description:
          "How often one request is tried in all. An account that refuses at once (key, money, permission, model, a limit) does not count.",
      }),
      heartbeatMs: z.int().min(50).max(60_000).default(14_000).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "of silence before a stream gets a heartbeat",
        description:
          "Milliseconds of silence after which a stream gets a sign of life, so that clients do not give up.",
      }),
      retryAfterReset: z.boolean().default(true).register(ABOUT, {
        home: "vscode",
        group: "providers",
        opens: false,
        meaning: "send a request elsewhere when its connection was reset, though it may have been billed",
        description:
          "Try a request elsewhere when its connection broke before the answer. The provider may have counted it already.",
      }),
    })
    .prefault({}),
  limits: z
    .strictObject({
      bodyBytes: z
        .int()
        .min(1024)
        .max(1024 * MiB)
        .default(128 * MiB)
        .register(ABOUT, {
          home: "vscode",
          group: "providers",
          opens: false,
          meaning: "of one request, inflated",
          description: "Largest request, in bytes, unpacked. Long conversations with images need a lot.",
        }),
      bufferedBytes: z
        .int()
        .min(1024)
        .max(8192 * MiB)
        .default(1024 * MiB)
        .register(ABOUT, { meaning: "of all requests held at once" }),
      connections: z.int().min(1).max(100_000).default(2048).register(ABOUT, { meaning: "at once" }),
    })
    .prefault({}),
  notify: notifySchema.optional().register(ABOUT, {
    meaning:
      "a webhook that is told when an account needs someone or a budget runs out: `{url, secret}`; see [the command line](docs/cli.md#notices)",
    otherwise: "nobody is told",
  }),
  telemetry: telemetrySchema.prefault({}),
  pool: poolSchema.optional().register(ABOUT, {
    meaning:
      "one pool of several gateways, over a Valkey or Redis of your own: `{url, secret, name, timeZone, whenAway, ca}`; see [One pool](docs/pool.md)",
    otherwise: "this gateway is alone",
  }),
  clients: z
    .strictObject({
      restoreAtExit: z.boolean().default(false).register(ABOUT, {
        home: "vscode",
        group: "clients",
        opens: false,
        meaning:
          "connected clients get their own settings back when Portico exits, and are connected again when its proxy starts",
        description:
          "Give connected clients their own settings back when Portico exits (with the last VS Code window), and connect them again when its proxy starts. Stopping the proxy changes nothing in them, and no more does a window that closes while another goes on.",
      }),
    })
    .prefault({}),
  responses: responsesSchema.prefault({}),
  records: recordsSchema.prefault({}),
});

/** As a person writes them: everything is optional. */
export type SettingsInput = z.input<typeof settingsSchema>;
/** Complete and valid. */
export type Settings = z.output<typeof settingsSchema>;

export const defaultSettings: Settings = settingsSchema.parse({});

/** Read by the window, and no concern of the gateway. */
export const windowSettingsSchema = z.strictObject({
  autoStart: z
    .enum(["restore", "always", "never"])
    .default("restore")
    .register(ABOUT, {
      home: "vscode",
      group: "start",
      opens: false,
      meaning: "",
      description: "Whether the proxy starts with VS Code.",
      options: {
        restore: {
          label: "As it was left",
          text: "Start it if it was running when VS Code was last closed.",
        },
        always: { label: "Always", text: "Start it with VS Code." },
        never: { label: "By hand", text: "Start it only by hand." },
      },
    }),
  chat: z
    .strictObject({
      enabled: z.boolean().default(true).register(ABOUT, {
        home: "vscode",
        group: "chat",
        opens: false,
        meaning: "",
        description: "Offer the models of your accounts in VS Code's own chat.",
      }),
      models: z.array(z.string().min(1).max(300)).max(200).default([]).register(ABOUT, {
        home: "vscode",
        group: "chat",
        opens: false,
        meaning: "",
        description:
          "The models that VS Code's chat offers; `*` stands for any text. Empty: the names of your routes first, then others, 40 in all.",
      }),
      extensions: z.record(z.string(), z.boolean()).default({}).register(ABOUT, {
        home: "vscode",
        group: "chat",
        opens: true,
        meaning: "",
        description:
          "Other extensions that may (`true`) or may not (`false`) use these models, by their id. Portico asks once for each.",
      }),
    })
    .prefault({}),
  terminals: z
    .strictObject({
      enabled: z.boolean().default(false).register(ABOUT, {
        home: "vscode",
        group: "terminals",
        opens: false,
        meaning: "",
        description:
          "New terminals find Portico while it runs: they get its address and key for Claude Code, Gemini CLI, Qwen Code and what is built upon the SDKs of OpenAI, unless a tool is connected by its own settings, and the command portico.",
      }),
    })
    .prefault({}),
});
