/** What Portico has on this computer, and how it is taken away: tools first, the data last. Nothing of VS Code in here. */
import type { ClientState } from "../../control/clients.ts";
import type { GatewayHost } from "../host/host.ts";

export type Part = "clients" | "keys" | "data";

/** What there is. */
export interface Found {
  /** Tools whose settings Portico has written into. */
  readonly clients: readonly Pick<ClientState, "id" | "label">[];
  readonly accounts: number;
  /** The data folder, absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Recorded requests. */
  readonly requests: number;
  /** Other windows and programs that are attached. */
  readonly others: number;
}

export interface Secrets {
  keys(): Thenable<readonly string[]>;
  delete(key: string): Thenable<void>;
}

/** Of a tool's settings. */
export interface Value {
  readonly label: string;
  readonly name: string;
}

export interface Removed {
  /** Labels of the tools that have their own settings again. */
  readonly clients: readonly string[];
  /** Those that have not, and why. */
  readonly failed: readonly { readonly label: string; readonly why: string }[];
  /** Values that were changed by hand since, and stay: `env.ANTHROPIC_BASE_URL`. */
  readonly left: readonly Value[];
  /** Credentials that are not put back, because another address stands beside them now. */
  readonly dropped: readonly Value[];
  /** Secrets that were deleted. */
  readonly keys: number;
  /** Why others were not. */
  readonly keysFailed?: string;
  /** Files of the data folder that could not be deleted. */
  readonly files: readonly string[];
}

export interface RemovalDeps {
  readonly host: Pick<GatewayHost, "call" | "deleteData" | "retire">;
  readonly secrets: Secrets;
  /** What VS Code remembers for Portico. */
  forget(): Promise<void>;
  /** Why calls are refused from then on, for a person. */
  readonly removed: string;
}

/** Milliseconds; a proxy that stops writes its records. */
const STOP_MS = 60_000;

/** @throws ControlError */
export async function lookFor(host: Pick<GatewayHost, "call">): Promise<Found> {
  const [clients, accounts, storage, { clients: others }] = await Promise.all([
    host.call("clients.list", undefined),
    host.call("accounts.list", undefined),
    host.call("storage.get", undefined),
    host.call("surroundings.get", undefined),
  ]);
  return {
    clients: clients.filter(({ undoable }) => undoable),
    accounts: accounts.length,
    path: storage.path,
    bytes: storage.files.reduce((sum, { bytes }) => sum + bytes, 0),
    requests: storage.requests.rows,
    others,
  };
}

/**
 * A tool that cannot be put back stays as it is and is named; it keeps nothing else from going. With keys or data the
 * gateway of this window ends, for good.
 * @throws ControlError before anything was deleted
 */
export async function remove(
  parts: ReadonlySet<Part>,
  found: Pick<Found, "clients">,
  deps: RemovalDeps,
): Promise<Removed> {
  const { host, secrets, forget, removed } = deps;
  const ends = parts.has("keys") || parts.has("data");
  // What is under way is cut and recorded before its record goes.
  if (ends) await host.call("proxy.stop", { now: true }, { timeoutMs: STOP_MS });
  const clients = parts.has("clients") ? await putBack(found.clients, host) : NOTHING_PUT_BACK;
  // A sign-in that was made here ends at its provider as well, as with any account that is removed.
  if (parts.has("keys") && parts.has("data")) await removeAccounts(host);
  const files = parts.has("data") ? await host.deleteData() : [];
  if (ends) await host.retire(removed);
  // Nobody is left who would store another.
  const keys = parts.has("keys") ? await deleteAll(secrets) : { keys: 0 };
  if (parts.has("data")) await forget();
  return { ...clients, ...keys, files };
}

type PutBack = Pick<Removed, "clients" | "failed" | "left" | "dropped">;
const NOTHING_PUT_BACK: PutBack = { clients: [], failed: [], left: [], dropped: [] };

async function putBack(clients: Found["clients"], host: Pick<GatewayHost, "call">): Promise<PutBack> {
  const back: string[] = [];
  const failed: Removed["failed"][number][] = [];
  const left: Value[] = [];
  const dropped: Value[] = [];
  for (const { id, label } of clients) {
    const wish = { id, to: "disconnect" } as const;
    try {
      const preview = await host.call("clients.preview", wish);
      await host.call("clients.apply", { wish, seen: preview.seen });
      back.push(label);
      left.push(...preview.left.map((name) => ({ label, name })));
      dropped.push(...preview.dropped.map((name) => ({ label, name })));
    } catch (error) {
      failed.push({ label, why: messageOf(error) });
    }
  }
  return { clients: back, failed, left, dropped };
}

/** A keyring may be locked. */
async function deleteAll(secrets: Secrets): Promise<Pick<Removed, "keys" | "keysFailed">> {
  let keys = 0;
  try {
    for (const key of await secrets.keys()) {
      await secrets.delete(key);
      keys += 1;
    }
    return { keys };
  } catch (error) {
    return { keys, keysFailed: messageOf(error) };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function removeAccounts(host: Pick<GatewayHost, "call">): Promise<void> {
  const accounts = (await host.call("accounts.list", undefined)).filter(({ readOnly }) => !readOnly);
  try {
    for (const { id } of accounts) await host.call("accounts.remove", { id });
  } catch {
    // A keyring that does not answer one does not answer the next. What is deleted below holds them all.
  }
}
