/**
 * What restoring a backup does to client keys, decided before anything is done. One that is here stays as it is; one
 * with a field that this Portico does not know is left out, since that may be a limit.
 */
import type { LeftOut, RestoredList } from "../../control/backup.ts";
import type { BackedUpKeys } from "../accounts/credentials/transfer/file.ts";
import { badRequest } from "../common/errors.ts";
import { type ClientKey, clientKeySchema, MAX_CLIENT_KEYS } from "../settings/clientKeys.ts";
import { type RevokedKey, revokedKey } from "./keysFile.ts";

export interface KeysHere {
  /** Of keys.json. */
  readonly own: readonly ClientKey[];
  /** Of the config file. */
  readonly fixed: readonly ClientKey[];
  /** Digests. */
  readonly revoked: readonly string[];
}

export interface PlannedKeys {
  /** Those that are not here yet. */
  readonly keys: ClientKey[];
  readonly revoked: RevokedKey[];
  readonly counts: RestoredList;
  readonly left: { name: string; why: LeftOut }[];
}

/**
 * @param renamed an account's id in the backup -> its id here, where they differ
 * @throws PorticoError `invalid_request` where both together are more than there can be
 */
export function planKeys(
  { keys: given = [], revoked = [] }: BackedUpKeys,
  here: KeysHere,
  renamed: ReadonlyMap<string, string>,
): PlannedKeys {
  const present = [...here.fixed, ...here.own];
  const ids = new Set(present.map(({ id }) => id));
  const digests = new Set([...present.flatMap(digestsOf), ...here.revoked]);
  const planned: ClientKey[] = [];
  const left: PlannedKeys["left"] = [];
  for (const entry of given) {
    const { success, data: key } = clientKeySchema.safeParse(entry);
    if (!success) left.push({ name: `key ${idOf(entry)}`, why: "unknown" });
    // One that was revoked here, or is another's, must not count again.
    else if (!ids.has(key.id) && !digestsOf(key).some((digest) => digests.has(digest))) {
      ids.add(key.id);
      for (const digest of digestsOf(key)) digests.add(digest);
      planned.push(renamedIn(key, renamed));
    }
  }
  if (present.length + planned.length > MAX_CLIENT_KEYS) {
    throw badRequest(
      "With those that are here there would be too many client keys. Remove some first. Nothing was changed.",
    );
  }
  const known = new Set([...digests, ...planned.flatMap(digestsOf)]);
  return {
    keys: planned,
    revoked: revoked.flatMap((entry) => {
      const { success, data } = revokedKey.safeParse(entry);
      return success && !known.has(data.key) ? [data] : [];
    }),
    counts: { added: planned.length, replaced: 0, kept: here.own.length },
    left,
  };
}

const digestsOf = ({ key, previous }: ClientKey): string[] =>
  [key, previous?.key].filter((digest) => digest !== undefined);

const renamedIn = (key: ClientKey, renamed: ReadonlyMap<string, string>): ClientKey =>
  key.accounts === undefined ? key : { ...key, accounts: key.accounts.map((id) => renamed.get(id) ?? id) };

function idOf(entry: unknown): string {
  const id: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "id") : undefined;
  return typeof id === "string" ? id.slice(0, 64) : "?";
}
