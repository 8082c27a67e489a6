/** Behind the methods of `control/settings.ts`. */
import { readdir, stat } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { kindOfFile } from "../../control/dataFiles.ts";
import type { ModelView, RoutesView, StorageView } from "../../control/settings.ts";
import type { AccountsFile } from "../accounts/accountsFile.ts";
import { codeOf, type DataFolder } from "../common/dataFolder.ts";
import { compact } from "../common/json.ts";
import type { Network, NetworkSettings, SecretStore } from "../common/ports.ts";
import { pacProblem } from "../config/pac.ts";
import type { Gateway } from "../gateway.ts";
import { traitsOf } from "../models/traitsOf.ts";
import type { Records } from "../records/records.ts";
import type { OfferedModel } from "../routing/catalog.ts";
import type { Settings } from "../settings/settings.ts";
import { type DiagnosticsSources, diagnostics } from "./diagnostics.ts";
import type { SettingsService } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";
import { createTelemetryService } from "./telemetryService.ts";

/** Models of one reply. */
export const MAX_MODELS_LISTED = 20_000;
/** Accounts that a listed model names. */
export const MAX_OWNERS = 50;

export interface SettingsServiceDeps {
  readonly kind: "vscode" | "headless";
  readonly version: string;
  readonly settingsStore: SettingsStore;
  readonly secrets: SecretStore;
  readonly file: AccountsFile;
  readonly folder: DataFolder;
  readonly gateway: Gateway;
  readonly records: Records;
  readonly network: Network;
  /** Where the operating system asks for a proxy script; absent: it is not asked. */
  readonly systemPac: (() => Promise<string | undefined>) | undefined;
  /** Clients attached to the control API. */
  readonly clients: () => number;
  /** Runs a job that changes settings, after those before it, and puts the change to work. */
  readonly change: (job: () => Promise<void>) => Promise<void>;
  readonly diagnosed: () => Promise<
    Omit<DiagnosticsSources, "storage" | "surroundings" | "settings" | "routes" | "hosts">
  >;
}

export function createSettingsService(deps: SettingsServiceDeps): SettingsService {
  const { settingsStore, file, gateway, records } = deps;

  const steering: SettingsService = {
    ...createTelemetryService(deps),
    view: () => settingsStore.view(),
    async update(change) {
      await deps.change(() => settingsStore.update(change));
      return settingsStore.view();
    },
    routes: (): RoutesView => ({
      fixed: [...settingsStore.fixed.routes],
      own: [...file.routes],
    }),
    async setRoutes(routes) {
      await deps.change(() => file.setRoutes(routes));
      return steering.routes();
    },
    async models() {
      const offered = (await gateway.models()).slice(0, MAX_MODELS_LISTED);
      const prices = await pricesOf(records, offered);
      return offered.map((model, index) => modelView(model, prices[index]));
    },
    storage: () => storageOf(deps.folder, records),
    async surroundings() {
      const { proxy, unproxied } = deps.network.current();
      const problem = proxy === undefined ? await proxyProblem(unproxied, deps) : undefined;
      return {
        version: deps.version,
        kind: deps.kind,
        clients: deps.clients(),
        proxy: {
          used: proxy === undefined ? "" : withoutPassword(proxy),
          ...(problem === undefined ? {} : { problem }),
        },
        addresses: ownAddresses(),
        host: hostname(),
      };
    },
    async diagnostics() {
      const [diagnosed, storage, surroundings] = await Promise.all([
        deps.diagnosed(),
        steering.storage(),
        steering.surroundings(),
      ]);
      const routes = { own: file.routes.length, fixed: settingsStore.fixed.routes.length };
      const hosts = hostsIn(settingsStore.settings, deps.network.current().proxy);
      const settings = settingsStore.view();
      return { text: diagnostics({ ...diagnosed, settings, hosts, routes, surroundings, storage }) };
    },
  };
  return steering;
}

/** Why providers are reached without a proxy where one was meant. */
async function proxyProblem(
  unproxied: NetworkSettings["unproxied"],
  { kind, systemPac }: Pick<SettingsServiceDeps, "kind" | "systemPac">,
): Promise<string | undefined> {
  if (unproxied === "none") return undefined;
  const where = unproxied?.script ?? (await systemPac?.());
  return where === undefined ? undefined : pacProblem(where, kind);
}

/** Those that a person chose, without ports. */
function hostsIn(
  { accounts, allowedHosts, allowedOrigins, telemetry }: Settings,
  proxy: string | undefined,
): string[] {
  const urls = accounts.flatMap((account) => [...Object.values(account.endpoints ?? {}), account.proxy]);
  const { endpoint, tracesEndpoint } = telemetry;
  const hosts = [...urls, proxy, endpoint, tracesEndpoint, ...allowedOrigins].flatMap(
    (url) => URL.parse(url ?? "")?.hostname ?? [],
  );
  const bare = allowedHosts.map((host) => host.replace(/:\d+$/, ""));
  return [...new Set([...hosts, ...bare])].filter((host) => host !== "" && host !== "*");
}

const MAX_ADDRESSES = 4;

/** Where other computers reach this one: a person types them, so those of IPv4. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address)
    .slice(0, MAX_ADDRESSES);
}

/** Names and prices of models whose price a list knows; more are shown without. */
const PRICED = 5000;

async function pricesOf(records: Records, offered: readonly OfferedModel[]): Promise<ModelView["price"][]> {
  const questions = offered.slice(0, PRICED).map(({ info, accounts }) => {
    const [account] = accounts;
    const base = [...(account?.endpoints.values() ?? [])][0]?.base;
    return { account: info.account, provider: info.provider, base, model: info.model };
  });
  // Prices are shown where they are known; the list is there without them.
  const rates = await records.rates(questions).catch(() => []);
  return rates.map((each) => {
    if (each === undefined) return undefined;
    const { input, output, cacheRead } = each;
    return compact({ input, output, cacheRead });
  });
}

function modelView({ info, accounts, routed }: OfferedModel, price: ModelView["price"]): ModelView {
  const { efforts } = info.traits ?? traitsOf(info.model, info.provider);
  return compact({
    name: info.id,
    accounts: accounts
      .slice(0, MAX_OWNERS)
      .map(({ id, label, endpoints }) => ({ id, label, protocols: [...endpoints.keys()] })),
    contextWindow: info.contextWindow,
    maxOutput: info.maxOutputTokens,
    price,
    input: info.traits?.input,
    efforts: efforts.length === 0 ? undefined : [...efforts],
    routed: routed || undefined,
  });
}

const MAX_FILES = 500;

async function storageOf(folder: DataFolder, records: Records): Promise<StorageView> {
  const [stored, names] = await Promise.all([
    records.storage().catch(() => undefined),
    readdir(folder.path, { withFileTypes: true }),
  ]);
  const files = await Promise.all(
    names
      .filter((each) => each.isFile() && !each.name.startsWith("."))
      .slice(0, MAX_FILES)
      .map(async ({ name }) => {
        const bytes = await sizeOf(join(folder.path, name));
        return { name, bytes, what: kindOfFile(name) };
      }),
  );
  const problem = records.problem;
  return {
    path: folder.path,
    files: files.sort((a, b) => b.bytes - a.bytes),
    requests: stored?.requests ?? { rows: 0, bytes: 0 },
    bodies: stored?.bodies ?? { rows: 0, bytes: 0 },
    ...(stored === undefined || stored.damaged.files === 0 ? {} : { damaged: stored.damaged }),
    ...(problem === undefined ? {} : { problem }),
  };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    // It was replaced or removed meanwhile.
    if (codeOf(error) === "ENOENT") return 0;
    throw error;
  }
}

function withoutPassword(proxy: string): string {
  const url = URL.parse(proxy);
  return url === null ? "" : `${url.protocol}//${url.host}`;
}
