/** What an import would do, decided before anything is done. */
import type { ImportAction } from "../../../../control/credentials.ts";
import type { Protocol } from "../../../../control/protocol.ts";
import type { Provider } from "../../../providers/provider.ts";
import type { StoredAccount } from "../../accountsFile.ts";
import type { Credential } from "../credential.ts";
import { fingerprint } from "../credential.ts";
import type { Transfer } from "./file.ts";

export interface Present {
  readonly account: StoredAccount;
  readonly credential: Credential | undefined;
}

export interface Planned {
  readonly action: ImportAction;
  /** As in the file. */
  readonly id: string;
  /** As it would be added: under a free id. */
  readonly account: StoredAccount;
  readonly credential: Credential | undefined;
  readonly sameAs: string | undefined;
}

/**
 * @param known providers by id
 * @param reserved further ids that are taken
 */
export function planImport(
  { accounts, credentials }: Transfer,
  present: readonly Present[],
  known: (id: string) => Provider | undefined,
  reserved: readonly string[] = [],
): Planned[] {
  const byIdentity = new Map<string, string>();
  const taken = new Set<string>(reserved);
  for (const { account, credential } of present) {
    byIdentity.set(identityOf(account, credential, known), account.id);
    taken.add(account.id);
  }
  const inFile = new Set(accounts.map(({ id }) => id));
  return accounts.map((account) => {
    const credential = credentials.get(account.id);
    const identity = identityOf(account, credential, known);
    const sameAs = byIdentity.get(identity) ?? sameById(account, credential, present, known);
    if (sameAs !== undefined) return { action: "duplicate", id: account.id, account, credential, sameAs };
    byIdentity.set(identity, account.id);
    if (!taken.has(account.id)) {
      taken.add(account.id);
      return { action: "add", id: account.id, account, credential, sameAs };
    }
    const id = freeId(account.id, (each) => taken.has(each) || inFile.has(each));
    taken.add(id);
    return { action: "conflict", id: account.id, account: { ...account, id }, credential, sameAs };
  });
}

/** Same provider, same addresses, same key. What is without a key is only ever itself. */
export function identityOf(
  account: {
    readonly id: string;
    readonly provider: string;
    readonly endpoints?: Readonly<Partial<Record<Protocol, string>>> | undefined;
  },
  credential: Credential | undefined,
  known: (id: string) => Provider | undefined,
): string {
  const endpoints = Object.entries(account.endpoints ?? known(account.provider)?.endpoints ?? {})
    .map(([protocol, endpoint]) => [protocol, typeof endpoint === "string" ? endpoint : endpoint?.base])
    .map(([protocol, base]) => `${protocol} ${(base ?? "").replace(/\/+$/, "")}`)
    .sort();
  const key = credential === undefined ? `without key: ${account.id}` : fingerprint(credential);
  return JSON.stringify([account.provider, endpoints, key]);
}

/** A file without secrets cannot tell keys apart: the same id at the same place is the same account. */
function sameById(
  account: StoredAccount,
  credential: Credential | undefined,
  present: readonly Present[],
  known: (id: string) => Provider | undefined,
): string | undefined {
  if (credential !== undefined) return undefined;
  const own = identityOf(account, undefined, known);
  return present.find((each) => identityOf(each.account, undefined, known) === own)?.account.id;
}

export function freeId(wanted: string, isTaken: (id: string) => boolean): string {
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const id = `${wanted.slice(0, 64 - suffix.length)}${suffix}`;
    if (!isTaken(id)) return id;
  }
}
