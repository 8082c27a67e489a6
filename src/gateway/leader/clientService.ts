/** Connected clients, for windows and pages: what would change is shown first, and nothing else is written. */
import { createHash } from "node:crypto";
import { ANY_KEY, isKeyNeeded } from "../../control/clientKey.ts";
import type {
  ClientChange,
  ClientPreview,
  ClientState,
  ClientTarget,
  ClientWish,
  FileChange,
} from "../../control/clients.ts";
import type { Surroundings } from "../accounts/credentials/discover.ts";
import type { Connections } from "../clients/connections.ts";
import { PorticoError } from "../common/errors.ts";
import type { Clock } from "../common/ports.ts";
import type { Gateway } from "../gateway.ts";
import type { Services } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";

export interface ClientService {
  list(): Promise<ClientState[]>;
  preview(wish: ClientWish): Promise<ClientPreview>;
  /** @param seen of the preview that the person agreed to */
  apply(wish: ClientWish, seen: string): Promise<ClientState>;
}

export interface ClientServiceDeps {
  /** This process's own by default. */
  readonly surroundings?: Surroundings;
  readonly clock: Clock;
  readonly gateway: Pick<Gateway, "state">;
  readonly settingsStore: Pick<SettingsStore, "settings">;
  readonly keys: Pick<Services, "apiKey">;
}

export function createClientService(deps: ClientServiceDeps): ClientService {
  let opened: Connections | undefined;
  // Most never ask: what edits files is loaded when it is needed.
  async function connections(): Promise<Connections> {
    if (opened === undefined) {
      const { openConnections, systemHost } = await import("../clients/connections.ts");
      const { surroundings = { env: process.env }, clock } = deps;
      opened = openConnections({ host: { ...systemHost(surroundings.env), ...surroundings }, clock });
    }
    return opened;
  }

  async function target(model: string | undefined): Promise<ClientTarget> {
    const { state } = deps.gateway;
    const { port, auth } = deps.settingsStore.settings;
    if (state.kind !== "running" && port === 0) {
      throw new PorticoError("unavailable", "The port is another at every start. Start Portico first.");
    }
    return {
      baseUrl: state.kind === "running" ? state.baseUrl : `http://127.0.0.1:${port}`,
      key: isKeyNeeded(auth.mode) ? await deps.keys.apiKey() : ANY_KEY,
      ...(model === undefined ? {} : { model }),
    };
  }

  async function changeOf(wish: ClientWish): Promise<{ change: ClientChange; run(): Promise<void> }> {
    const held = await connections();
    if (wish.to === "disconnect") {
      const change = await held.planDisconnect(wish.id);
      return { change, run: () => held.disconnect(wish.id, change) };
    }
    const to = await target(wish.model);
    const change = await held.planConnect(wish.id, to);
    return { change, run: () => held.connect(wish.id, to, change) };
  }

  const list = async () => (await connections()).list();
  return {
    list,
    async preview(wish) {
      const { change } = await changeOf(wish);
      const [{ diffOf }, { clientSpec }] = await Promise.all([
        import("../clients/textDiff.ts"),
        import("../clients/connections.ts"),
      ]);
      return {
        files: change.files.map((file) => ({ path: file.path, what: kindOf(file), lines: diffOf(file) })),
        left: change.left,
        dropped: change.dropped,
        notes: wish.to === "connect" ? clientSpec(wish.id).notes : [],
        seen: seenOf(change),
      };
    },
    async apply(wish, seen) {
      const { change, run } = await changeOf(wish);
      if (seenOf(change) !== seen) {
        throw new PorticoError("unavailable", "A file or a setting was changed meanwhile. Look at it again.");
      }
      await run();
      const state = (await list()).find(({ id }) => id === wish.id);
      if (state === undefined) throw new PorticoError("internal", `${wish.id} is gone`);
      return state;
    },
  };
}

function kindOf({ before, after }: FileChange): ClientPreview["files"][number]["what"] {
  if (before === after) return "same";
  return before === undefined ? "new" : after === undefined ? "removed" : "changed";
}

const seenOf = (change: ClientChange): string =>
  createHash("sha256").update(JSON.stringify(change)).digest("base64url");
