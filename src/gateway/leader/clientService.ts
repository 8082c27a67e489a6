/** Connected clients, for windows and pages: what would change is shown first, and nothing else is written. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { ANY_KEY, isKeyNeeded } from "../../control/clientKey.ts";
import type {
  ClientChange,
  ClientPreview,
  ClientState,
  ClientTexts,
  ClientWish,
  FileChange,
} from "../../control/clients.ts";
import type { Problem } from "../../control/contract.ts";
import type { Surroundings } from "../accounts/credentials/discover.ts";
import type { Connections } from "../clients/connections.ts";
import type { OfferChange } from "../clients/offers.ts";
import type { Address } from "../clients/outdated.ts";
import { hasRecords } from "../clients/records.ts";
import type { DataFolder } from "../common/dataFolder.ts";
import { PorticoError } from "../common/errors.ts";
import type { Clock, Ports } from "../common/ports.ts";
import type { Gateway } from "../gateway.ts";
import { ClientsAtExit } from "./clientsAtExit.ts";
import { ConnectedClients } from "./connectedClients.ts";
import type { Services } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";

export interface ClientService {
  /** @param routes by which clients list Portico's models */
  list(routes: OwnRoutes): Promise<ClientState[]>;
  preview(wish: ClientWish, routes: OwnRoutes): Promise<ClientPreview>;
  texts(wish: ClientWish, routes: OwnRoutes): Promise<ClientTexts>;
  /** @param seen of the preview that the person agreed to */
  apply(wish: ClientWish, seen: string, routes: OwnRoutes): Promise<ClientState>;
  /** Of those that are connected to this Portico, as of the last look. */
  readonly labels: readonly string[];
  /** Those that a change has cut off. */
  readonly problems: readonly Problem[];
  /** Looks where the address or the key is another than before. */
  look(): void;
  lookNow(): Promise<void>;
  /** The lock was given up. @param attached whether there is somebody who may take over. Never rejects. */
  leave(attached: boolean): Promise<void>;
}

/** Those that are not of a config file. */
export type OwnRoutes = Pick<Services["settings"], "routes" | "setRoutes">;

export interface ClientServiceDeps {
  /** This process's own by default. */
  readonly surroundings?: Surroundings;
  readonly restoresClients?: boolean;
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly ports: Pick<Ports, "log">;
  readonly gateway: Pick<Gateway, "state">;
  readonly settingsStore: Pick<SettingsStore, "settings" | "apiKey">;
  readonly keys: Pick<Services, "apiKey">;
  /** Others are connected, or cut off. */
  announce(): void;
}

interface Planned {
  readonly change: ClientChange;
  readonly offers?: OfferChange | undefined;
  run(): Promise<void>;
}

const REFUSED = "While Portico is stopped, it is refused. Disconnecting it puts its own settings back.";

export function createClientService(deps: ClientServiceDeps): ClientService {
  const { env = process.env, platform = process.platform, home = homedir() } = deps.surroundings ?? {};
  const host = { env, platform, home };
  let opened: Connections | undefined;
  // Most never ask: what edits files is loaded when it is needed.
  async function connections(): Promise<Connections> {
    if (opened === undefined) {
      const { openConnections, systemHost } = await import("../clients/connections.ts");
      const { clock, surroundings } = deps;
      opened = openConnections({ host: { ...systemHost(env), ...surroundings }, clock });
    }
    return opened;
  }

  /** `undefined`: nobody knows the port before it is open. */
  async function address(): Promise<Address | undefined> {
    const { state } = deps.gateway;
    const { port, auth } = deps.settingsStore.settings;
    if (state.kind !== "running" && port === 0) return undefined;
    return {
      baseUrl: state.kind === "running" ? state.baseUrl : `http://127.0.0.1:${port}`,
      key: isKeyNeeded(auth.mode) ? await deps.keys.apiKey() : ANY_KEY,
    };
  }

  async function target(): Promise<Address> {
    const here = await address();
    if (here !== undefined) return here;
    throw new PorticoError("unavailable", "The port is another at every start. Start Portico first.");
  }

  const { folder, clock, restoresClients = false, ports } = deps;
  const atExit = new ClientsAtExit({ folder, clock, log: ports.log, connections });
  let resumed: Promise<readonly string[]> | undefined;
  /** Where the proxy ran last. */
  let lastUrl: string | undefined;
  /** Once: at an exit alone they are put back. */
  const resume = async () => {
    const here = restoresClients ? await address() : undefined;
    return here === undefined ? [] : atExit.resume(here);
  };

  const connected = new ConnectedClients({
    log: deps.ports.log,
    onChange: deps.announce,
    async read() {
      if (deps.gateway.state.kind !== "running") return undefined;
      const here = await target();
      // Most are not connected: then nothing is loaded.
      const clients = (await hasRecords(host)) ? await (await connections()).written(here) : [];
      return { baseUrl: here.baseUrl, clients };
    },
  });

  async function changeOf(wish: ClientWish, routes: OwnRoutes): Promise<Planned> {
    const held = await connections();
    const { id } = wish;
    if (wish.to === "update") {
      const here = await target();
      const change = await held.planUpdate(id, here);
      return { change, run: () => held.update(id, here, change) };
    }
    const { own } = routes.routes();
    const { clientSpec, changeOffers, offeredBy } = await import("../clients/connections.ts");
    const lists = clientSpec(id).discovery !== undefined;
    const wanted = wish.to === "disconnect" ? [] : (wish.offers ?? offeredBy(own));
    const offers = lists ? changeOffers(own, wanted) : undefined;
    const planned = async (change: ClientChange, write: () => Promise<void>): Promise<Planned> => ({
      change,
      offers,
      async run() {
        await write();
        if (offers !== undefined && offers.added.length + offers.removed.length > 0)
          await routes.setRoutes(offers.routes);
      },
    });
    if (wish.to === "disconnect") {
      const change = await held.planDisconnect(id);
      return planned(change, () => held.disconnect(id, change));
    }
    const discovers = lists && wanted.length > 0;
    const model = wish.model === undefined ? {} : { model: wish.model };
    const to = { ...(await target()), ...model, discovers };
    const change = await held.planConnect(id, to);
    return planned(change, () => held.connect(id, to, change));
  }

  async function list(routes: OwnRoutes): Promise<ClientState[]> {
    const [states] = await Promise.all([(await connections()).list(await address()), connected.look()]);
    const { clientSpec, offeredBy } = await import("../clients/connections.ts");
    const offers = offeredBy(routes.routes().own);
    return states.map((state) =>
      clientSpec(state.id).discovery === undefined ? state : { ...state, offers },
    );
  }

  return {
    list,
    get labels() {
      return connected.labels;
    },
    get problems() {
      return connected.problems;
    },
    lookNow: () => connected.look(),
    look() {
      const { state } = deps.gateway;
      if (state.kind !== "running") return;
      const { apiKey, settings } = deps.settingsStore;
      const now = [state.since, state.baseUrl, settings.auth.mode, apiKey].join(" ");
      lastUrl = state.baseUrl;
      resumed ??= resume().catch((error: unknown) => {
        ports.log.warn("clients could not be connected again", { error: String(error) });
        return [];
      });
      void resumed.then((labels) => connected.lookAfter(now, labels));
    },
    async leave(attached) {
      const { port, clients } = deps.settingsStore.settings;
      const baseUrl = lastUrl ?? (port === 0 ? undefined : `http://127.0.0.1:${port}`);
      if (!restoresClients || !clients.restoreAtExit || baseUrl === undefined) return;
      await resumed;
      if (await hasRecords(host)) await atExit.suspend(baseUrl, attached);
    },
    async preview(wish, own) {
      const { change, offers } = await changeOf(wish, own);
      const { clientSpec, diffOf, offerText } = await import("../clients/connections.ts");
      const routes = [
        ...(offers?.removed ?? []).map((route) => ({ sign: "-", text: offerText(route) }) as const),
        ...(offers?.added ?? []).map((route) => ({ sign: "+", text: offerText(route) }) as const),
      ];
      return {
        files: change.files.map((file) => ({ path: file.path, what: kindOf(file), lines: diffOf(file) })),
        left: change.left,
        dropped: change.dropped,
        ...(routes.length === 0 ? {} : { routes }),
        notes: wish.to === "connect" ? [...clientSpec(wish.id).notes, REFUSED] : [],
        seen: seenOf(change, offers),
      };
    },
    async texts(wish, routes) {
      const { change } = await changeOf(wish, routes);
      const { shownTexts } = await import("../clients/connections.ts");
      return { files: change.files.filter(({ before, after }) => before !== after).map(shownTexts) };
    },
    async apply(wish, seen, routes) {
      const { change, offers, run } = await changeOf(wish, routes);
      if (seenOf(change, offers) !== seen) {
        throw new PorticoError("unavailable", "A file or a setting was changed meanwhile. Look at it again.");
      }
      await run();
      const state = (await list(routes)).find(({ id }) => id === wish.id);
      if (state === undefined) throw new PorticoError("internal", `${wish.id} is gone`);
      return state;
    },
  };
}

function kindOf({ before, after }: FileChange): ClientPreview["files"][number]["what"] {
  if (before === after) return "same";
  return before === undefined ? "new" : after === undefined ? "removed" : "changed";
}

const seenOf = (change: ClientChange, offers: OfferChange | undefined): string =>
  createHash("sha256")
    .update(JSON.stringify([change, offers?.added, offers?.removed]))
    .digest("base64url");
