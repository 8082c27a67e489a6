/**
 * A data folder as the version before left it, read by this one. The files of `support/before` were written by
 * that version's own code: one account, one route, three settings, eight requests of which four met a limit.
 */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openLead, type TestLead } from "../../support/lead.ts";

const BEFORE = resolve(import.meta.dirname, "../../support/before");

let path: string;
let portico: TestLead;

beforeEach(async () => {
  path = makeFolder("before");
  const folder = await openDataFolder(path);
  for (const name of ["accounts.json", "preferences.json", "portico.db"]) {
    await copyFile(join(BEFORE, name), join(path, name));
  }
  // As if it had been written a moment ago.
  const state = await readFile(join(BEFORE, "state.json"), "utf8");
  const { savedAt } = JSON.parse(state) as { savedAt: number };
  const moved = state.replace(/\b1\d{12}\b/g, (time) => String(Number(time) + Date.now() - savedAt));
  await writeFile(join(path, "state.json"), moved);
  portico = await openLead({ folder, pages: "/nowhere" });
});
afterEach(async () => {
  await portico.close();
  await removeFolder(path);
});

describe("the files of the version before", () => {
  it("are read: accounts, what holds them back, routes, settings and requests", async () => {
    const { lead } = portico;
    const [account, ...others] = await lead.call("accounts.list", undefined);
    expect(others).toEqual([]);
    expect(account).toMatchObject({ id: "work", label: "Work at home", priority: 3, provider: "custom" });
    expect(account?.held).toMatchObject([
      { model: "m", condition: "exhausted", reason: "Rate limit reached", until: expect.any(Number) },
    ]);
    expect((await lead.call("routes.get", undefined)).own).toEqual([
      { model: "mine", to: ["work/m"], edit: { maxTokens: 5 } },
    ]);
    const { values } = await lead.call("settings.get", undefined);
    expect(values).toMatchObject({
      "records.maxAgeDays": 3600,
      "scheduling.strategy": "balanced",
      budgets: [{ unit: "requests", per: "month", limit: 1000, warnAtPercent: 80 }],
    });
    const { rows, total } = await lead.call("requests.list", { limit: 10 });
    expect(total).toBe(8);
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual([
      ...Array.from({ length: 4 }, () => "failed"),
      ...Array.from({ length: 4 }, () => "ok"),
    ]);
    expect(rows.filter(({ tokens }) => tokens?.input === 5 && tokens.output === 7)).toHaveLength(3);
    const { id } = rows[0] ?? { id: "" };
    expect(await lead.call("requests.get", { id })).toMatchObject({ method: "POST", status: 429 });
  });
});
