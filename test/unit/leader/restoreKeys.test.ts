/** What a restore does to client keys, whatever is in the file and whatever is here. */
import { describe, expect, it } from "vitest";
import { readTransfer, writeBackup } from "../../../src/gateway/accounts/credentials/transfer/file.ts";
import { seal } from "../../../src/gateway/accounts/credentials/transfer/sealed.ts";
import { hashOf } from "../../../src/gateway/common/clientSecret.ts";
import { type KeysHere, planKeys } from "../../../src/gateway/leader/restoreKeys.ts";
import {
  type ClientKey,
  clientKeySchema,
  MAX_CLIENT_KEYS,
} from "../../../src/gateway/settings/clientKeys.ts";

const key = (id: string, limits: object = {}): ClientKey =>
  clientKeySchema.parse({ id, name: `The ${id}`, key: hashOf(`secret of ${id}`), ...limits });
const plan = (keys: readonly unknown[], here: Partial<KeysHere> = {}, revoked: readonly unknown[] = []) =>
  planKeys({ keys, revoked }, { own: [], fixed: [], revoked: [], ...here }, new Map([["work", "work-2"]]));
const ids = (keys: readonly { id: string }[]) => keys.map(({ id }) => id);

describe("client keys of a backup", () => {
  it("are added where they are not here, with the accounts' ids here", () => {
    const { keys, counts, left } = plan([key("a", { accounts: ["work", "home"] }), key("b")], {
      own: [key("b", { atOnce: 1 }), key("c")],
    });
    expect(keys).toEqual([key("a", { accounts: ["work-2", "home"] })]);
    expect(counts).toEqual({ added: 1, replaced: 0, kept: 2 });
    expect(left).toEqual([]);
  });

  it("count under one id alone, and not at all where they were revoked here", () => {
    const rotated = key("d", { previous: { key: hashOf("secret of e"), until: 9 } });
    const { keys } = plan([key("a"), { ...key("b"), key: key("c").key }, rotated, key("a")], {
      own: [key("c")],
      fixed: [key("f")],
      revoked: [hashOf("secret of e")],
    });
    expect(ids(keys)).toEqual(["a"]);
    expect(plan([key("f")], { fixed: [key("f", { models: [] })] }).keys).toEqual([]);
  });

  it("are left out, by name, where a limit may be one that is not known", () => {
    const { keys, left } = plan([
      { ...key("a"), perHour: 3 },
      { ...key("b"), from: ["nowhere"] },
      7,
      key("c"),
    ]);
    expect(ids(keys)).toEqual(["c"]);
    expect(left).toEqual(["key a", "key b", "key ?"].map((name) => ({ name, why: "unknown" })));
  });

  it("stay revoked, unless they count here", () => {
    const at = (id: string) => ({ key: hashOf(`secret of ${id}`), id, at: 5 });
    const { revoked } = plan([], { own: [key("a")], revoked: [hashOf("secret of b")] }, [
      ...["a", "b", "c"].map(at),
      { key: "no digest", id: "x", at: 1 },
    ]);
    expect(revoked).toEqual([at("c")]);
  });

  it("are no more than there can be", () => {
    const many = (n: number, prefix: string) => Array.from({ length: n }, (_, i) => key(`${prefix}${i}`));
    const own = many(MAX_CLIENT_KEYS - 1, "k");
    expect(plan([key("a")], { own }).keys).toHaveLength(1);
    expect(() => plan([key("a"), key("b")], { own })).toThrow(/too many client keys.+Nothing was changed/);
  });

  it("are none in a backup of an older Portico; what a newer one puts there besides is passed over", async () => {
    const passphrase = "a long passphrase";
    const open = { portico: "accounts", version: 2, exportedAt: new Date(0).toISOString() };
    const context = JSON.stringify([open.portico, open.version, open.exportedAt, undefined]);
    const file = async (inside: object) =>
      JSON.stringify({ ...open, secrets: await seal(JSON.stringify(inside), passphrase, context) });
    const before = { accounts: [], credentials: {}, routes: [], settings: {} };
    const read = async (inside: object) => (await readTransfer(await file(inside), passphrase)).backup;
    expect(await read(before)).toEqual({ routes: [], settings: {} });
    expect(await read({ ...before, later: [{ of: "a newer one" }] })).toEqual(await read(before));
    const own = { routes: [], settings: {}, clientKeys: { keys: [key("a")], revoked: [] } };
    const written = await writeBackup([], own, 0, { credentials: new Map(), passphrase });
    // One without client keys reads this version.
    expect(JSON.parse(written)).toMatchObject({ version: 2 });
    expect((await readTransfer(written, passphrase)).backup?.clientKeys?.keys).toEqual([key("a")]);
  });
});
