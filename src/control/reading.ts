/**
 * Reads results and events of a Portico that may be of another version. Fields and values that are not known
 * here stay as they came; a list that is missing is empty; an entry that lacks what every reader needs is
 * passed over. Anything else that is missing is named.
 */
import type { AccountMethods, ListedAccount } from "./accounts.ts";
import type { AccountView, CheckResult, EventName, Events, Method, Result, Status } from "./contract.ts";
import type { AddResult, CredentialMethods, PlacedResult, SignInStarted } from "./credentials.ts";
import { readProxyState } from "./proxyState.ts";
import type { RequestMethods, RequestRow } from "./requests.ts";
import type { RoutesView, SettingsMethods, SettingsView, SettingValues } from "./settings.ts";
import type { Latency, StatsMethods, StatsSums } from "./stats.ts";

type RequiredKey<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T];

/** What is always there: the required fields; of a union those of all its members. */
type Shape<T> = [T] extends [undefined]
  ? undefined
  : [T] extends [string]
    ? "string"
    : [T] extends [number]
      ? "number"
      : [T] extends [boolean]
        ? "boolean"
        : [T] extends [readonly (infer E)[]]
          ? readonly [Shape<E>]
          : { readonly [K in RequiredKey<T>]: Shape<T[K]> };

type AnyShape = string | undefined | readonly [AnyShape] | { readonly [name: string]: AnyShape };

const check: Shape<CheckResult> = { ok: "boolean" };
const added: Shape<AddResult> = { ok: "boolean" };
const placed: Shape<PlacedResult[]> = [{ place: "string", ok: "boolean" }];
const account: Shape<AccountView> = {
  id: "string",
  provider: "string",
  label: "string",
  priority: "number",
  enabled: "boolean",
  protocols: ["string"],
  readOnly: "boolean",
};
const hold = { condition: "string", reason: "string" } as const;
const accounts: Shape<ListedAccount[]> = [
  {
    ...account,
    state: "string",
    held: [hold],
    quotas: [{ name: "string", unit: "string" }],
    credential: "string",
  },
];
const status: Shape<Status> = {
  version: "string",
  proxy: { kind: "string" },
  authMode: "string",
  lan: "boolean",
  accounts: "number",
  sandboxOnly: "boolean",
  problems: [{ severity: "string", message: "string" }],
  held: [{ ...hold, account: "string", label: "string" }],
  ready: "number",
  active: "number",
};
const signIn: Shape<SignInStarted> = {
  id: "string",
  url: "string",
  redirectUri: "string",
  expiresAt: "number",
  notes: ["string"],
};
const row: Shape<RequestRow> = {
  id: "string",
  seq: "number",
  time: "number",
  client: "string",
  status: "number",
  outcome: "string",
  attempts: "number",
  failedOver: "boolean",
  durationMs: "number",
  warnings: "number",
};
const sums: Shape<StatsSums> = {
  requests: "number",
  errors: "number",
  failedOver: "number",
  input: "number",
  cacheRead: "number",
  cacheWrite: "number",
  output: "number",
  reasoning: "number",
  cost: "number",
  unpriced: "number",
};
const latency: Shape<Latency> = {};
/** Single settings come and go with versions: `NO_SETTINGS` stands in for those that are missing. */
const settings: Shape<Omit<SettingsView, "values" | "homes"> & { values: object; homes: object }> = {
  values: {},
  homes: {},
};
const route = { model: "string", to: ["string"] } as const;
const routes: Shape<RoutesView> = { fixed: [route], own: [route] };
const size = { rows: "number", bytes: "number" } as const;
const key = { apiKey: "string" } as const;

type Shapes<Methods> = {
  readonly [M in Exclude<keyof Methods, "settings.get" | "settings.update">]: Shape<
    Methods[M] extends [unknown, infer R] ? R : never
  >;
};

const ofCredentials: Shapes<CredentialMethods> = {
  "accounts.signIn.google": signIn,
  "accounts.signIn.openrouter": signIn,
  "accounts.signIn.await": added,
  "accounts.signIn.paste": { accepted: "boolean" },
  "accounts.signIn.cancel": { cancelled: "boolean" },
  "accounts.addMany": placed,
  "accounts.export": { text: "string", accounts: "number", secrets: "boolean" },
  "accounts.import.preview": {
    entries: [{ id: "string", provider: "string", label: "string", action: "string", needsKey: "boolean" }],
    exportedAt: "number",
    secrets: "boolean",
  },
  "accounts.import.apply": [account],
  "accounts.discover": [
    { id: "string", provider: "string", label: "string", source: "string", name: "string", masked: "string" },
  ],
  "accounts.discover.take": placed,
};
const ofAccounts: Shapes<AccountMethods> = {
  "accounts.list": accounts,
  "accounts.update": account,
  "accounts.test": check,
  "accounts.replaceKey": check,
  "accounts.quotas.refresh": accounts,
  "accounts.clear": accounts,
  "route.explain": { routing: ["string"], scheduling: ["string"] },
};
const ofRequests: Shapes<RequestMethods> = {
  "requests.list": { rows: [row], total: "number", upTo: "number" },
  "requests.get": {
    ...row,
    method: "string",
    path: "string",
    attemptList: [
      {
        account: "string",
        accountLabel: "string",
        model: "string",
        protocol: "string",
        at: "number",
        took: "number",
        outcome: "string",
      },
    ],
    warningList: ["string"],
    bytesOut: "number",
  },
  "requests.facets": {
    clients: ["string"],
    models: ["string"],
    accounts: [{ id: "string", label: "string" }],
    protocols: ["string"],
  },
  "requests.export": { text: "string", rows: "number" },
  "requests.clear": { removed: "number" },
  "requests.curl": { command: "string", complete: "boolean" },
  "requests.replay": { ok: "boolean" },
  "requests.take": { taken: "number" },
};
const ofStats: Shapes<StatsMethods> = {
  "stats.query": {
    buckets: ["number"],
    groups: [
      { key: "string", label: "string", total: sums, firstByte: latency, duration: latency, points: [sums] },
    ],
    total: sums,
    firstByte: latency,
    duration: latency,
    errors: {},
  },
  "stats.today": {
    since: "number",
    total: sums,
    firstByte: latency,
    duration: latency,
    hours: [{ start: "number", sums }],
  },
  "budgets.list": [
    {
      unit: "string",
      per: "string",
      limit: "number",
      warnAtPercent: "number",
      readOnly: "boolean",
      used: "number",
      unpriced: "number",
      until: "number",
      state: "string",
    },
  ],
};
const ofSettings: Shapes<SettingsMethods> = {
  "routes.get": routes,
  "routes.set": routes,
  "models.list": [{ name: "string", accounts: [{ id: "string", label: "string", protocols: ["string"] }] }],
  "storage.get": {
    path: "string",
    files: [{ name: "string", bytes: "number", what: "string" }],
    requests: size,
    bodies: size,
  },
  "surroundings.get": { version: "string", kind: "string", clients: "number", proxy: { used: "string" } },
  "diagnostics.get": { text: "string" },
};
const results: { readonly [M in Method]: AnyShape } = {
  "status.get": status,
  "proxy.start": status,
  "proxy.stop": status,
  "proxy.restart": status,
  "auth.key": key,
  "auth.rotate": key,
  "providers.list": [
    { id: "string", label: "string", protocols: ["string"], needsBaseUrl: "boolean", keyRequired: "boolean" },
  ],
  "accounts.check": check,
  "accounts.add": account,
  "accounts.remove": { removed: "boolean" },
  "local.detect": [{ provider: "string", label: "string", baseUrl: "string", models: ["string"] }],
  "events.watch": undefined,
  "dashboard.link": { url: "string" },
  "settings.get": settings,
  "settings.update": settings,
  ...ofCredentials,
  ...ofAccounts,
  ...ofRequests,
  ...ofStats,
  ...ofSettings,
};
const events: { readonly [E in EventName]: AnyShape } = {
  status,
  log: { level: "string", time: "number", message: "string" },
  requests: { rows: [row], missed: "number" },
  accounts,
  settings,
};

export function isEvent(name: string): name is EventName {
  return Object.hasOwn(events, name);
}

/** @throws MissingField */
export function readResult<M extends Method>(method: M, value: unknown): Result<M> {
  const read = known(fill(value, results[method], ""), results[method]);
  // Nobody is told that there is nothing when there is something that cannot be read.
  if (Array.isArray(value) && Array.isArray(read) && value.length > 0 && read.length === 0) {
    const [shape] = results[method] as readonly [AnyShape];
    fill(value[0], shape, "");
  }
  return read as Result<M>;
}

/** @throws MissingField */
export function readEvent<E extends EventName>(event: E, data: unknown): Events[E] {
  return known(fill(data, events[event], ""), events[event]) as Events[E];
}

/** What stands in for the settings that an older Portico does not have; nobody can change them. */
const NO_SETTINGS: SettingValues = {
  port: 0,
  allowLanAccess: false,
  allowedOrigins: [],
  allowedHosts: [],
  "auth.mode": "off",
  "scheduling.strategy": "cache-first",
  "scheduling.stickyWaitMs": 0,
  "scheduling.waitMs": 0,
  "scheduling.pinned": "",
  "scheduling.protectBelowPercent": 0,
  "quotas.refreshMinutes": 0,
  "background.enabled": false,
  "background.to": [],
  budgets: [],
  prices: [],
  "records.enabled": false,
  "records.maxAgeDays": 0,
  "records.maxRows": 0,
  "records.maxBytes": 0,
  "records.bodies": false,
  "records.bodyMaxBytes": 0,
  "records.bodiesMaxBytes": 0,
  "records.bodiesMaxHours": 0,
  replyHeaders: false,
  "responses.onDisk": false,
};

function known(read: unknown, shape: AnyShape): unknown {
  if (shape === status) {
    const told = read as Status;
    return { ...told, proxy: readProxyState(told.proxy) };
  }
  if (shape !== settings) return read;
  const told = read as SettingsView;
  return { ...told, values: { ...NO_SETTINGS, ...told.values } };
}

export class MissingField extends Error {
  override readonly name = "MissingField";
  /** `rows.id`; empty: all of it. */
  readonly field: string;

  constructor(field: string) {
    super(field === "" ? "there is nothing in it" : `"${field}" is missing`);
    this.field = field;
  }
}

function fill(value: unknown, shape: AnyShape, place: string): unknown {
  if (shape === undefined) return undefined;
  if (typeof shape === "string") {
    if (typeof value !== shape) throw new MissingField(place);
    return value;
  }
  if (isList(shape)) {
    if (value === undefined && place !== "") return [];
    if (!Array.isArray(value)) throw new MissingField(place);
    return value.flatMap((each) => entry(each, shape[0], place));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new MissingField(place);
  const read: Record<string, unknown> = { ...value };
  for (const name of Object.keys(shape)) {
    read[name] = fill(read[name], shape[name], place === "" ? name : `${place}.${name}`);
  }
  return read;
}

/** @returns none where it cannot be read */
function entry(value: unknown, shape: AnyShape, place: string): unknown[] {
  try {
    return [fill(value, shape, place)];
  } catch (error) {
    if (error instanceof MissingField) return [];
    throw error;
  }
}

function isList(shape: AnyShape): shape is readonly [AnyShape] {
  return Array.isArray(shape);
}
