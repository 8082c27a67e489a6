/** `keys.json`: the client keys that a person made, as digests. One process reads and writes it, the leader. */
import * as z from "zod";
import { isHash } from "../common/clientSecret.ts";
import {
  type ClientKey,
  clientKeyFields,
  LOCAL_CLIENT,
  MAX_CLIENT_KEYS,
  MAX_REVOKED,
} from "../settings/clientKeys.ts";
import { Document, type DocumentOptions } from "../state/document.ts";
import { entriesOf, type Fields, MAX_UNKNOWN } from "../state/entries.ts";
import { FILE_VERSION, firstIssue } from "../state/versionedFile.ts";

export const revokedKey = z.object({
  key: z.string().refine(isHash),
  /** Of the key that it was. */
  id: z.string().max(100),
  /** Milliseconds since 1970. */
  at: z.number(),
});
export type RevokedKey = z.output<typeof revokedKey>;

const envelope = z.looseObject({
  version: z.int().positive(),
  keys: z.array(z.unknown()).max(MAX_CLIENT_KEYS),
  revoked: z.array(z.unknown()).default([]),
});

interface Contents {
  readonly keys: readonly ClientKey[];
  /** The latest last. */
  readonly revoked: readonly RevokedKey[];
  /** What a newer Portico knows: beside the lists, and by a key's id. */
  readonly unknown: { readonly fields: Fields; readonly keys: ReadonlyMap<string, Fields> };
}

const EMPTY: Contents = { keys: [], revoked: [], unknown: { fields: {}, keys: new Map() } };

const options: DocumentOptions<Contents> = {
  what: "The client keys",
  use: "change client keys",
  empty: EMPTY,
  read,
  write: ({ keys, revoked, unknown }) => ({
    ...unknown.fields,
    version: FILE_VERSION,
    keys: keys.map((key) => ({ ...unknown.keys.get(key.id), ...key })),
    revoked,
  }),
};

export class KeysFile extends Document<Contents> {
  /** @throws only when the folder cannot be read or written. */
  static open(path: string, now: () => number): Promise<KeysFile> {
    return new KeysFile(path, options, now).load();
  }

  get keys(): readonly ClientKey[] {
    return this.value.keys;
  }

  /** The latest last. */
  get revokedKeys(): readonly RevokedKey[] {
    return this.value.revoked;
  }

  /** Digests. */
  get revoked(): readonly string[] {
    return this.revokedKeys.map(({ key }) => key);
  }

  /**
   * @param keys all of them
   * @param revoked further digests, with whose they were
   * @throws PorticoError where it cannot be written; then nothing has changed
   */
  change(keys: readonly ClientKey[], revoked: readonly RevokedKey[] = []): Promise<void> {
    const before = this.value;
    return this.replace({
      ...before,
      keys,
      revoked: [...before.revoked, ...revoked].slice(-MAX_REVOKED),
    });
  }

  /** Once more, where the file is gone. */
  async rewrite(): Promise<void> {
    if (!this.readOnly && this.keys.length + this.revoked.length > 0) await this.change(this.keys);
  }
}

function read(json: unknown): { value: Contents; damaged?: string } {
  const outer = envelope.safeParse(json);
  if (!outer.success) return { value: EMPTY, damaged: firstIssue(outer.error) };
  const { version: _version, keys: entries, revoked: given, ...fields } = outer.data;
  const wrong: string[] = [];
  const { known, unknown } = entriesOf("key", entries, clientKeyFields, wrong, ({ id }) => id);
  const keys = known.filter(({ id, key }) => (id === LOCAL_CLIENT) === (key === undefined));
  const value = {
    keys,
    revoked: entriesOf("revoked key", given.slice(-MAX_REVOKED), revokedKey, wrong, ({ key }) => key, true)
      .known,
    unknown: { fields: Object.fromEntries(Object.entries(fields).slice(0, MAX_UNKNOWN)), keys: unknown },
  };
  if (keys.length < known.length) wrong.push("a key without a digest");
  return wrong.length === 0 ? { value } : { value, damaged: wrong.slice(0, 3).join("; ") };
}
