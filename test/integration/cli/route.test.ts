import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { start } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000 });

let folder: string;

beforeEach(async () => {
  folder = makeFolder("route");
});
afterEach(() => removeFolder(folder));

const account = (id: string, more: object = {}) => ({
  id,
  provider: "custom",
  endpoints: { "openai-chat": "http://127.0.0.1:9/v1" },
  models: ["m"],
  ...more,
});

describe("portico route", () => {
  it("says where a request would go and why, by what the last run has learned; it writes nothing", async () => {
    const config = join(folder, "config.jsonc");
    const data = join(folder, "data");
    const until = Date.now() + 3_600_000;
    await writeFile(
      config,
      JSON.stringify({
        accounts: [account("tired"), account("fresh"), account("off", { enabled: false })],
        routes: [{ model: "alias", to: ["m"] }],
      }),
    );
    const state = { version: 1, savedAt: Date.now(), health: [held("tired", until)] };
    await start(["route", "alias", "--config", config, "--data-dir", data]).ended;
    await writeFile(join(data, "state.json"), JSON.stringify(state));
    const program = start(["route", "alias", "--config", config, "--data-dir", data]);
    expect((await program.ended).code).toBe(0);
    const said = program.stdout();
    expect(said).toContain('"alias" is named by route 1, "alias" (exact).');
    expect(said).toContain("off: is disabled");
    expect(said).toMatch(/tired "m": not ready: the day is used up \(until /);
    expect(said).toMatch(/-> \d\. fresh "m": ready, 0 in flight/);
    expect(said).toContain('A new conversation would go to "fresh".');
    expect(await readdir(data)).toEqual(["state.json"]);
  });
});

function held(account: string, until: number): object {
  return {
    account,
    model: "m",
    condition: "exhausted",
    because: "quota",
    reason: "the day is used up",
    since: until - 3_600_000,
    until,
    failures: 1,
  };
}
