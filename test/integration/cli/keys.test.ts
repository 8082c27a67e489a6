/** `portico keys`: made, listed, replaced and revoked from a terminal, with and without a Portico that runs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
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

it.each([
  [["add"], /needs a name/],
  [["add", "a", "--budget", "usd/year=3"], /--budget must be like usd\/month=20/],
  [["add", "a", "--expires", "soon"], /--expires must be a date/],
  [["add", "a", "--at-once=-1"], /--at-once must be a whole number/],
  [["rotate"], /needs an id/],
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
