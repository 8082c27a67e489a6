/** Accounts of the config file that a person switches off and on, over the control API of a real leader. */
import { readFile, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { accountSchema } from "../../../src/gateway/settings/settings.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { GOOD_KEY, openaiLike, upstream } from "./windows.ts";

let portico: TestLead | undefined;
let servers: Server[] = [];
afterEach(async () => {
  await portico?.close();
  portico = undefined;
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  servers = [];
});

const window = { port: 0 };

async function open() {
  const { base, server } = await upstream(openaiLike);
  servers.push(server);
  const entry = (enabled: boolean) =>
    accountSchema.parse({
      id: "work",
      provider: "custom",
      endpoints: { "openai-chat": `${base}/v1` },
      credentials: { apiKey: GOOD_KEY },
      enabled,
    });
  const fixed = (enabled = true) => ({ accounts: [entry(enabled)], routes: [], configFile: "/etc/p.jsonc" });
  portico = await openLead({ kind: "headless", window, fixed: fixed() });
  await portico.lead.call("proxy.start", undefined);
  return { portico, fixed };
}

async function account({ lead }: TestLead) {
  const [only] = await lead.call("accounts.list", undefined);
  return only;
}

async function answers({ lead }: TestLead): Promise<number> {
  const { proxy } = await lead.call("status.get", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
  const response = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "work/test-model", messages: [{ role: "user", content: "hi" }] }),
  });
  await response.text();
  return response.status;
}

describe("an account of the config file", { timeout: 60_000 }, () => {
  it("is switched off and on here, over a restart, and nothing else of it is changed", async () => {
    const { portico: one } = await open();
    expect(await account(one)).toMatchObject({ readOnly: true, pausable: true, enabled: true });
    expect(await account(one)).not.toHaveProperty("switched");
    expect(await answers(one)).toBe(200);
    const off = await one.lead.call("accounts.update", { id: "work", enabled: false });
    expect(off).toMatchObject({ enabled: false, switched: true });
    expect(await answers(one)).toBeGreaterThanOrEqual(400);
    await one.again();
    expect(await account(one)).toMatchObject({ enabled: false, switched: true, state: "disabled" });
    await one.lead.call("accounts.update", { id: "work", enabled: false });
    expect(await account(one)).toMatchObject({ enabled: false, switched: true });
    await one.lead.call("accounts.update", { id: "work", enabled: true });
    expect(await account(one)).not.toHaveProperty("switched");
    // The file is as it was before.
    expect(JSON.parse(await readFile(one.folder.accounts, "utf8"))).not.toHaveProperty("switched");
    const message = /stands in the config file/;
    for (const change of [{ priority: 5 }, { label: "x" }, { enabled: false, priority: 5 }])
      await expect(one.lead.call("accounts.update", { id: "work", ...change })).rejects.toThrow(message);
  });

  it("follows its entry again once that changes, for good", async () => {
    const { portico: one, fixed } = await open();
    await one.lead.call("accounts.update", { id: "work", enabled: false });
    // Another change of the file is none of it.
    await one.lead.applyWindow(window, fixed());
    expect(await account(one)).toMatchObject({ enabled: false, switched: true });
    await one.lead.applyWindow(window, fixed(false));
    expect(await account(one)).toMatchObject({ enabled: false });
    expect(await account(one)).not.toHaveProperty("switched");
    await one.lead.applyWindow(window, fixed());
    expect(await account(one)).toMatchObject({ enabled: true });
  });

  it("is switched on against its entry, which a start without the file leaves", async () => {
    const { portico: one, fixed } = await open();
    await one.lead.applyWindow(window, fixed(false));
    await one.lead.call("accounts.update", { id: "work", enabled: true });
    expect(await account(one)).toMatchObject({ enabled: true, switched: true });
    await one.again({ fixed: { accounts: [], routes: [] } });
    expect(await account(one)).toBeUndefined();
    await one.again({ fixed: fixed(false) });
    expect(await account(one)).toMatchObject({ enabled: true, switched: true });
  });

  it("stays off where what was kept beside it makes no sense, and so do accounts and routes", async () => {
    const { portico: one, fixed } = await open();
    await one.lead.call("routes.set", [{ model: "alias", to: ["work/test-model"] }]);
    const kept = JSON.parse(await readFile(one.folder.accounts, "utf8"));
    const write = (switched: unknown) =>
      writeFile(one.folder.accounts, JSON.stringify({ ...kept, switched }));
    await write([{ id: 5 }, { id: "work", enabled: false }, "x"]);
    await one.again({ fixed: fixed() });
    expect(await account(one)).toMatchObject({ enabled: false, switched: true });
    await write("x");
    await one.again({ fixed: fixed() });
    expect(await account(one)).toMatchObject({ enabled: true });
    expect((await one.lead.call("routes.get", undefined)).own).toHaveLength(1);
  });
});
