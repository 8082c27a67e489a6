/** Client keys as a person makes, changes and revokes them. */
import { randomBytes } from "node:crypto";
import type { KeyChange, KeyState, KeyView, MadeKey, NewKey } from "../../control/keys.ts";
import type { KeyLimits as KeyUse } from "../accounts/budgets/keyLimits.ts";
import type { BackedUpKeys } from "../accounts/credentials/transfer/file.ts";
import { endOf, hashOf, newKey, shownKey } from "../common/clientSecret.ts";
import { deferred } from "../common/deferred.ts";
import { badRequest, PorticoError } from "../common/errors.ts";
import type { Clock } from "../common/ports.ts";
import {
  type ClientKey,
  clientKeyFields,
  LOCAL_CLIENT,
  MAX_CLIENT_KEYS,
  nameOf,
} from "../settings/clientKeys.ts";
import { ownKeys } from "./composeSettings.ts";
import type { KeysFile } from "./keysFile.ts";
import { type PlannedKeys, planKeys } from "./restoreKeys.ts";
import type { SettingsStore } from "./settingsStore.ts";

/** Milliseconds for which a key that was replaced counts, unless a person says otherwise. */
export const GRACE_MS = 60 * 60_000;

export interface ClientKeyService {
  list(): KeyView[];
  /** @throws PorticoError `invalid_request` naming the field */
  add(key: NewKey): Promise<MadeKey>;
  /** @throws PorticoError `not_found`, `invalid_request` */
  update(change: KeyChange): Promise<KeyView>;
  /** @throws PorticoError `not_found`, `invalid_request` */
  rotate(id: string, graceMs?: number): Promise<MadeKey>;
  /** @returns whether there was one. @throws PorticoError `invalid_request` for the config file's */
  revoke(id: string): Promise<boolean>;
  /** Of keys.json; those of the config file stand there. */
  toBackUp(): Required<BackedUpKeys>;
  /** What restoring would do. @throws PorticoError `invalid_request` where there would be too many */
  planRestore(given: BackedUpKeys, renamed: ReadonlyMap<string, string>): PlannedKeys;
  restore(planned: PlannedKeys): Promise<void>;
}

export interface ClientKeyDeps {
  readonly keysFile: KeysFile;
  readonly settingsStore: Pick<SettingsStore, "fixed">;
  readonly uses: () => Pick<KeyUse, "states" | "lastUsedAt">;
  readonly clock: Pick<Clock, "now">;
  /** Runs a job that changes settings, after those before it, and puts the change to work. */
  readonly change: (job: () => Promise<void>) => Promise<void>;
}

export function createClientKeyService(deps: ClientKeyDeps): ClientKeyService {
  const { keysFile, settingsStore, uses, clock, change } = deps;
  const fixed = () => settingsStore.fixed.keys ?? [];

  function viewOf(key: ClientKey): KeyView {
    const { key: digest, end, previous, name: _name, ...rest } = key;
    const lastUsedAt = uses().lastUsedAt(key.id);
    const used = uses()
      .states()
      .filter(({ account }) => account === key.id)
      .map(({ used, until }) => ({ used, until }));
    return {
      ...rest,
      name: nameOf(key),
      shown: digest === undefined ? "" : shownKey(end),
      state: stateOf(key),
      readOnly: keysFile.readOnly || fixed().some(({ id }) => id === key.id),
      ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
      ...(previous === undefined || previous.until <= clock.now() ? {} : { previousUntil: previous.until }),
      ...(used.length === 0 ? {} : { used }),
    };
  }

  function stateOf({ enabled, expiresAt = Infinity }: ClientKey): KeyState {
    return !enabled ? "disabled" : expiresAt <= clock.now() ? "expired" : "active";
  }

  /** One that can be changed here. */
  function own(id: string): ClientKey {
    if (fixed().some((key) => key.id === id)) {
      throw badRequest(`The key "${id}" stands in the config file. Change it there.`, "id");
    }
    const found = keysFile.keys.find((key) => key.id === id);
    if (found === undefined) throw new PorticoError("not_found", `There is no key "${id}".`);
    return found;
  }

  const isHere = (id: string): boolean => [...keysFile.keys, ...fixed()].some((key) => key.id === id);

  /** @returns the key that `job` has put, as it is once the change is in force: so are the budgets shown with it */
  async function changed(job: () => Promise<ClientKey>): Promise<KeyView> {
    const kept = deferred<ClientKey>();
    await change(async () => kept.resolve(await job()));
    return viewOf(await kept.promise);
  }

  /** In the file. */
  async function put(key: ClientKey, revoked: Parameters<KeysFile["change"]>[1] = []): Promise<ClientKey> {
    const others = keysFile.keys.filter(({ id }) => id !== key.id);
    const at = keysFile.keys.findIndex(({ id }) => id === key.id);
    await keysFile.change(at < 0 ? [...others, key] : others.toSpliced(at, 0, key), revoked);
    return key;
  }

  function freeId(name: string): string {
    const slug = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 40);
    // What one that is gone has made must not become another's of its name.
    return `${slug === "" ? "key" : slug}-${randomBytes(4).toString("hex")}`;
  }

  return {
    list: () => [...fixed(), ...ownKeys(settingsStore.fixed, keysFile.keys)].map(viewOf),

    async add(given) {
      const key = newKey();
      const view = await changed(async () => {
        if (keysFile.keys.length + fixed().length >= MAX_CLIENT_KEYS) {
          throw badRequest(`There are ${MAX_CLIENT_KEYS} keys, which is all that Portico keeps.`);
        }
        const entry = {
          ...given,
          id: freeId(given.name),
          key: hashOf(key),
          end: endOf(key),
          createdAt: clock.now(),
        };
        return put(clientKeyFields.parse(entry));
      });
      return { view, key };
    },

    update: ({ id, ...wanted }) =>
      changed(async () => {
        const isNew = id === LOCAL_CLIENT && !isHere(id);
        const before: ClientKey = isNew ? { id, enabled: true, createdAt: clock.now() } : own(id);
        const after = Object.entries({ ...before, ...wanted }).filter(([, value]) => value !== null);
        return put(clientKeyFields.parse(Object.fromEntries(after)));
      }),

    async rotate(id, graceMs = GRACE_MS) {
      const key = newKey();
      const view = await changed(async () => {
        const { key: old, previous, ...before } = own(id);
        if (old === undefined) throw badRequest(`"${id}" has no key.`, "id");
        const now = clock.now();
        // One is remembered beside the new one; one before it is over.
        const over = [...(previous === undefined ? [] : [previous.key]), ...(graceMs === 0 ? [old] : [])];
        const grace = graceMs === 0 ? {} : { previous: { key: old, until: now + graceMs } };
        const entry = { ...before, key: hashOf(key), end: endOf(key), ...grace };
        return put(
          entry,
          over.map((digest) => ({ key: digest, id, at: now })),
        );
      });
      return { view, key };
    },

    async revoke(id) {
      if (!isHere(id)) return false;
      await change(async () => {
        const { key, previous } = own(id);
        const at = clock.now();
        const digests = [previous?.key, key].flatMap((digest) => digest ?? []);
        await keysFile.change(
          keysFile.keys.filter((each) => each.id !== id),
          digests.map((digest) => ({ key: digest, id, at })),
        );
      });
      return true;
    },

    toBackUp: () => ({ keys: keysFile.keys, revoked: keysFile.revokedKeys }),

    planRestore: (given, renamed) =>
      planKeys(given, { own: keysFile.keys, fixed: fixed(), revoked: keysFile.revoked }, renamed),

    restore: ({ keys, revoked }) => change(() => keysFile.change([...keysFile.keys, ...keys], revoked)),
  };
}
