/** `portico keys`: made, listed, replaced and revoked from a terminal, with and without a Portico that runs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KeyView } from "../../../src/control/keys.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { type Ran, runHere } from "./here.ts";
import { ask, start } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 120_000 });

let folder = "";
let data = "";
beforeEach(() => {
  folder = makeFolder("cli-keys");
  data = join(folder, "data");
});
afterEach(() => removeFolder(folder));

const run = (...args: string[]): Promise<Ran> =>
  runHere(
    [...args, "--data-dir", data],
    { XDG_RUNTIME_DIR: join(folder, "run"), LOCALAPPDATA: join(folder, "run") },
    "",
  );

const statusOf = async (base: string, key: string, model = "sandbox/echo") =>
  (await ask(base, model, key)).status;

it("makes a key that is on standard output alone, lists it without, and takes it back", async () => {
  const made = await run(
    ...["keys", "add", "CI of the team", "--model", "sandbox/*", "--model", "m", "--per-minute", "30"],
    ...[
      "--tokens-per-minute",
      "5000",
      "--at-once",
      "4",
      "--budget",
      "requests/day=9",
      "--from",
      "127.0.0.0/8",
    ],
    ...["--expires", "2099-01-31", "--note", "for the build"],
  );
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^sk-portico-[\w-]{32}\n$/) as string });
  const key = made.out.trim();
  const id = /ci-of-the-team-\w{8}/.exec(made.err)?.[0] ?? "";
  const listed = await run("keys", "list");
  expect(listed.out).toContain(`sk-portico-…${key.slice(-4)}`);
  expect(listed.out).toContain(
    "models: sandbox/*,m; budgets: requests/day=9; perMinute: requests=30,tokens=5000",
  );
  expect(listed.out).not.toContain(key);
  const [view] = JSON.parse((await run("keys", "list", "--json")).out) as object[];
  expect(view).toMatchObject({
    id,
    name: "CI of the team",
    from: ["127.0.0.0/8"],
    expiresAt: Date.UTC(2099, 0, 31),
  });
  expect(await readFile(join(data, "keys.json"), "utf8")).not.toContain(key);

  await using portico = start(["serve", "--port", "0", "--data-dir", data], {
    XDG_RUNTIME_DIR: join(folder, "run"),
  });
  const base = await portico.ready();
  expect(await statusOf(base, key)).toBe(200);
  expect(await statusOf(base, key, "other")).toBe(403);
  const rotated = await run("keys", "rotate", id, "--grace", "0", "--json");
  const { key: next } = JSON.parse(rotated.out) as { key: string };
  expect(await statusOf(base, key)).toBe(401);
  expect(await statusOf(base, next)).toBe(200);
  // By its name as well, where that says which.
  await run("keys", "add", "CI of the team");
  expect(await run("keys", "revoke", "CI of the team")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/Several keys are called "CI of the team"; say which: .*, /) as string,
  });
  expect(await run("keys", "revoke", id)).toMatchObject({ code: 0, out: `Revoked ${id}.\n` });
  expect(await statusOf(base, next)).toBe(401);
  expect(await run("keys", "revoke", id)).toMatchObject({
    code: 1,
    err: expect.stringContaining(id) as string,
  });
  expect((await run("keys", "revoke", "CI of the team")).code).toBe(0);
  expect((await run("keys", "list")).out).toContain("There is no client key yet");
  expect(portico.stderr() + portico.stdout()).not.toContain(next);
});

it("changes what is named and leaves the rest, by id or by name, down to no limit and to nothing", async () => {
  const key = (await run("keys", "add", "CI", "--per-minute", "30", "--note", "mine")).out.trim();
  const update = async (...args: string[]) => {
    const ran = await run("keys", "update", "CI", "--json", ...args);
    if (ran.code !== 0) throw new Error(ran.err);
    return JSON.parse(ran.out) as KeyView;
  };
  const before = await update("--model", "sandbox/*", "--account", "work", "--at-once", "2");
  expect(before).toMatchObject({
    ...{ name: "CI", note: "mine", models: ["sandbox/*"], accounts: ["work"], atOnce: 2 },
    perMinute: { requests: 30 },
  });
  expect(
    await update(
      ...["--tokens-per-minute", "2000000", "--budget", "usd/month=20", "--budget", "requests/day=9"],
      ...["--from", "127.0.0.0/8", "--expires", "2099-01-31", "--note", "the team's"],
    ),
  ).toMatchObject({
    models: ["sandbox/*"],
    perMinute: { requests: 30, tokens: 2_000_000 },
    budgets: [
      { unit: "usd", per: "month", limit: 20, warnAtPercent: 80 },
      { unit: "requests", per: "day", limit: 9 },
    ],
    from: ["127.0.0.0/8"],
    expiresAt: Date.UTC(2099, 0, 31),
    note: "the team's",
  });
  await writeFile(
    join(data, "keys.json"),
    (await readFile(join(data, "keys.json"), "utf8")).replaceAll(
      '"warnAtPercent": 80',
      '"warnAtPercent": 50',
    ),
  );
  const budget = await update("--budget", "usd/month=40", "--drop", "per-minute", "--drop", "account");
  expect(budget.budgets).toEqual([{ unit: "usd", per: "month", limit: 40, warnAtPercent: 50 }]);
  expect(budget.perMinute).toEqual({ tokens: 2_000_000 });
  expect(budget).not.toHaveProperty("accounts");

  await using portico = start(["serve", "--port", "0", "--data-dir", data], {
    XDG_RUNTIME_DIR: join(folder, "run"),
  });
  const base = await portico.ready();
  expect(await statusOf(base, key)).toBe(200);
  await update("--model", "");
  expect(await statusOf(base, key)).toBe(403);
  await update("--drop", "model", "--disable");
  expect(await statusOf(base, key)).toBe(401);
  const drops = ["tokens-per-minute", "at-once", "budget", "from", "expires", "note"];
  const free = await update(
    "--enable",
    "--name",
    "CI of the team",
    ...drops.flatMap((each) => ["--drop", each]),
  );
  expect(Object.keys(free).sort()).toEqual(
    ["id", "name", "shown", "state", "enabled", "readOnly", "createdAt", "lastUsedAt"].sort(),
  );
  expect(await statusOf(base, key)).toBe(200);
  const shown = await run("keys", "update", "CI of the team", "--at-once", "3");
  expect(shown).toMatchObject({
    code: 0,
    out: expect.stringMatching(/CI of the team +sk-portico-….* atOnce: 3/) as string,
  });
  // Who calls without a key is one, too, as soon as it has a limit.
  expect((await run("keys", "update", "local", "--at-once", "0")).code).toBe(0);
  expect(await statusOf(base, "")).toBe(429);
  expect(await run("keys", "update", "nobody", "--at-once", "3")).toMatchObject({
    code: 1,
    err: expect.stringContaining('no key "nobody"') as string,
  });
});

it.each([
  [["add"], /needs a name/],
  [["add", "a", "--budget", "usd/year=3"], /--budget must be like usd\/month=20/],
  [["add", "a", "--expires", "soon"], /--expires must be a date/],
  [["add", "a", "--at-once=-1"], /--at-once must be a whole number/],
  [["rotate"], /needs an id/],
  [["update"], /needs an id/],
  [["update", "CI"], /needs something to change; see portico keys update --help/],
  [["update", "CI", "--enable", "--disable"], /--enable and --disable contradict each other/],
  [["update", "CI", "--model", "m", "--drop", "model"], /--model and --drop model contradict/],
  [["update", "CI", "--drop", "name"], /--drop must be one of model, account, .*, not "name"/],
  [["update", "CI", "--grace", "3"], /--grace is no option of keys update/],
  [["list", "--model", "m"], /--model is no option of keys list/],
])("says what is wrong with %s", async (args, words) => {
  expect(await run("keys", ...args)).toMatchObject({ code: 2, err: expect.stringMatching(words) as string });
});

it("takes keys from the config file, which are changed there alone", async () => {
  const config = join(folder, "portico.json");
  const secret = "sk-portico-from-the-environment";
  const entry = { id: "ci", key: `\${env:CI_KEY}`, models: [] };
  await writeFile(config, JSON.stringify({ keys: [entry] }));
  await using portico = start(["serve", "--port", "0", "--data-dir", data, "--config", config], {
    XDG_RUNTIME_DIR: join(folder, "run"),
    CI_KEY: secret,
  });
  const base = await portico.ready();
  expect(await statusOf(base, secret)).toBe(403);
  const listed = await run("keys", "list");
  expect(listed.out).toContain("models: -");
  expect(listed.out).toContain("From the config file: ci");
  expect(await run("keys", "revoke", "ci")).toMatchObject({
    code: 1,
    err: expect.stringContaining("config file") as string,
  });
  await writeFile(config, JSON.stringify({ keys: [{ ...entry, models: ["sandbox/*"] }] }));
  await expect.poll(() => statusOf(base, secret), { timeout: 20_000 }).toBe(200);
  await writeFile(config, JSON.stringify({ keys: [], revokedKeys: ["no digest"] }));
  await expect.poll(() => portico.stderr(), { timeout: 20_000 }).toContain("must be sha256:");
  expect(await statusOf(base, secret)).toBe(200);
});
