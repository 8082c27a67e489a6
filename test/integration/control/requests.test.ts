/** Recorded requests over the control API, on a real leader with a scripted upstream. */
import type { Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PorticoError } from "../../../src/gateway/common/errors.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { GOOD_KEY, openaiLike, upstream } from "./windows.ts";

let portico: TestLead;
let server: Server;
let base: string;

beforeEach(async () => {
  const provider = await upstream(openaiLike);
  server = provider.server;
  portico = await openLead();
  await portico.lead.call("accounts.add", {
    provider: "custom",
    id: "work",
    label: "Work",
    endpoints: { "openai-chat": `${provider.base}/v1` },
    apiKey: GOOD_KEY,
  });
  const { proxy } = await portico.lead.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
  base = proxy.baseUrl;
});
afterEach(async () => {
  await portico.close();
  server.closeAllConnections();
  server.close();
});

async function ask(model = "test-model"): Promise<string> {
  const response = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  await response.text();
  const id = response.headers.get("x-request-id") ?? "";
  // It is on record a moment after its client has all of it.
  await until(() => portico.lead.call("requests.get", { id }).then(() => true, isNotYet));
  return id;
}

function isNotYet(error: unknown): boolean {
  if (error instanceof PorticoError && error.kind === "not_found") return false;
  throw error;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("recorded requests", { timeout: 60_000 }, () => {
  it("are listed, looked at, counted, exported and cleared", async () => {
    const ids = [await ask(), await ask(), await ask()];
    const client = await portico.client();
    const page = await client.call("requests.list", { limit: 2 });
    expect(page.total).toBe(3);
    expect(page.rows.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(page.rows[0]).toMatchObject({ account: "work", accountLabel: "Work", status: 200, outcome: "ok" });
    const details = await client.call("requests.get", { id: ids[0] ?? "" });
    expect(details.attemptList).toHaveLength(1);
    await expect(client.call("requests.get", { id: "req_nothing" })).rejects.toMatchObject({
      code: "not-found",
    });
    expect(await client.call("requests.facets", undefined)).toMatchObject({ models: ["test-model"] });
    const part = await client.call("requests.export", { format: "jsonl", limit: 100 });
    expect(part.text.trim().split("\n")).toHaveLength(3);
    const today = await client.call("stats.today", undefined);
    expect(today.total.requests).toBe(3);
    const now = Date.now();
    const stats = await client.call("stats.query", {
      from: now - 3_600_000,
      to: now + 3_600_000,
      bucket: "hour",
      by: "account",
    });
    expect(stats.groups.map(({ key, label }) => [key, label])).toEqual([["work", "Work"]]);
    expect(await client.call("requests.clear", undefined)).toEqual({ removed: 3 });
    expect((await client.call("requests.list", { limit: 1 })).total).toBe(0);
    expect((await client.call("stats.today", undefined)).total.requests).toBe(3);
  });

  it("are told to those who watch, and made for nobody else", async () => {
    const first = await ask();
    await portico.lead.call("events.watch", { events: ["requests"] });
    // Begun before, told after: rows are made as they are written.
    const second = await ask();
    const told = () => portico.heard.requests.flatMap(({ rows }) => rows.map(({ id }) => id));
    await until(() => told().includes(second));
    await portico.lead.call("events.watch", { events: [] });
    await ask();
    const third = await ask();
    await until(async () => (await portico.lead.call("requests.list", { limit: 1 })).rows[0]?.id === third);
    expect(told().filter((id) => id !== first)).toEqual([second]);
  });

  it("outlive the leader", async () => {
    const id = await ask();
    await portico.again();
    const client = await portico.client();
    expect((await client.call("requests.get", { id })).model).toBe("test-model");
  });

  it("become a command line, without a key", async () => {
    const id = await ask();
    const { command, complete } = await portico.lead.call("requests.curl", { id });
    expect(command).toContain(`${base}/v1/chat/completions`);
    expect(command).not.toContain(GOOD_KEY);
    expect(complete).toBe(false);
  });

  it("say why they cannot be sent again", async () => {
    const id = await ask();
    const said = await portico.lead.call("requests.replay", { id });
    expect(said).toEqual({ ok: false, message: expect.stringContaining("not recorded") });
    await portico.lead.call("proxy.stop", undefined);
    expect(await portico.lead.call("requests.replay", { id })).toEqual({
      ok: false,
      message: expect.stringContaining("stopped"),
    });
  });
});
