/** Clients are connected from windows and pages: shown first, then exactly that is written, and put back. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientPreview, ClientWish } from "../../../src/control/clients.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { freePort } from "../../support/port.ts";

const BEFORE = '{\n  "model": "opus",\n  "env": {"ANTHROPIC_API_KEY": "sk-ant-mine-0123456789"}\n}\n';
const CONNECT: ClientWish = { id: "claude-code", to: "connect" };
const UPDATE: ClientWish = { id: "claude-code", to: "update" };
const DISCONNECT: ClientWish = { id: "claude-code", to: "disconnect" };

let home = "";
let file = "";
let portico: TestLead;
beforeEach(async () => {
  home = makeFolder("clients-home");
  file = join(home, ".claude", "settings.json");
  await mkdir(join(home, ".claude"));
  await writeFile(file, BEFORE);
  portico = await openLead({ kind: "headless", surroundings: { env: {}, platform: process.platform, home } });
  await portico.lead.call("proxy.start", undefined);
});
afterEach(async () => {
  await portico.close();
  await removeFolder(home);
});

const text = () => readFile(file, "utf8");
const preview = (wish: ClientWish) => portico.lead.call("clients.preview", wish);
const apply = (wish: ClientWish, { seen }: ClientPreview) =>
  portico.lead.call("clients.apply", { wish, seen });
const claude = async () =>
  (await portico.lead.call("clients.list", undefined)).find(({ id }) => id === "claude-code");

const problem = () =>
  portico.lead.status().problems.find(({ cause }) => cause === "clients-outdated")?.message;
const baseUrl = (settings: string): string => JSON.parse(settings).env.ANTHROPIC_BASE_URL;

function address(): string {
  const { proxy } = portico.lead.status();
  if (proxy.kind !== "running") throw new Error(proxy.kind);
  return proxy.baseUrl;
}

describe("a client", () => {
  it("is shown as it is, connected once that was looked at, and put back byte for byte", async () => {
    expect(await claude()).toMatchObject({ found: true, connected: false, files: [file] });
    const shown = await preview(CONNECT);
    expect(await text()).toBe(BEFORE);
    expect(shown.files).toMatchObject([{ path: file, what: "changed" }]);
    const added = shown.files[0]?.lines.filter(({ sign }) => sign === "+").map(({ text: line }) => line);
    expect(added?.join("\n")).toContain(address());
    expect(JSON.stringify(shown)).not.toContain("sk-ant-mine");
    expect(shown.notes).not.toEqual([]);
    const { files } = await portico.lead.call("clients.texts", CONNECT);
    expect(files).toMatchObject([{ path: file, before: expect.stringContaining('"model": "opus"') }]);
    expect(files[0]?.after).toContain(address());
    expect(JSON.stringify(files)).not.toContain("sk-ant-mine");
    expect(await text()).toBe(BEFORE);

    await expect(apply(CONNECT, { ...shown, seen: "another" })).rejects.toThrow("Look at it again");
    expect(await text()).toBe(BEFORE);
    expect(await apply(CONNECT, shown)).toMatchObject({ connected: true, baseUrl: address() });
    expect(JSON.parse(await text())).toMatchObject({
      model: "opus",
      env: { ANTHROPIC_BASE_URL: address(), ANTHROPIC_AUTH_TOKEN: "portico" },
    });
    expect((await preview(CONNECT)).files).toMatchObject([{ what: "same", lines: [] }]);
    expect(await portico.lead.call("clients.texts", CONNECT)).toEqual({ files: [] });

    // Another window may do it.
    const client = await portico.client();
    const back = await client.call("clients.preview", DISCONNECT);
    expect(await client.call("clients.apply", { wish: DISCONNECT, seen: back.seen })).toMatchObject({
      connected: false,
    });
    client.close();
    expect(await text()).toBe(BEFORE);
    await expect(preview(DISCONNECT)).rejects.toThrow("was not connected by Portico");
  });

  it("is given the key where it has to show one, which no preview shows; what was seen before counts no longer", async () => {
    const before = await preview(CONNECT);
    await portico.lead.call("settings.update", { "auth.mode": "strict" });
    const { apiKey } = await portico.lead.call("auth.key", undefined);
    await expect(apply(CONNECT, before)).rejects.toThrow("Look at it again");
    const shown = await preview(CONNECT);
    expect(JSON.stringify(shown)).not.toContain(apiKey);
    await apply(CONNECT, shown);
    expect(await text()).toContain(apiKey);
    await apply(DISCONNECT, await preview(DISCONNECT));
    expect(await text()).toBe(BEFORE);
  });

  it("that a change of the key or the port cut off is named, and follows by one step; nothing else is written", async () => {
    await apply(CONNECT, await preview(CONNECT));
    const before = (await text()).replace('"opus"', '"haiku"');
    await writeFile(file, before);
    expect((await claude())?.outdated).toBeUndefined();
    expect(portico.lead.status()).toMatchObject({ connected: ["Claude Code"] });

    // Any key will do until one is asked for.
    await portico.lead.call("auth.rotate", undefined);
    expect((await claude())?.outdated).toBeUndefined();
    await portico.lead.call("settings.update", { "auth.mode": "strict" });
    await expect.poll(problem).toContain("Claude Code: connected with a key that is no longer taken");
    expect(await claude()).toMatchObject({ outdated: "key" });
    expect(await text()).toBe(before);
    const { apiKey } = await portico.lead.call("auth.key", undefined);
    const shown = await preview(UPDATE);
    expect(JSON.stringify(shown)).not.toContain(apiKey);
    expect(await apply(UPDATE, shown)).not.toHaveProperty("outdated");
    expect(await text()).toBe(before.replace('"portico"', JSON.stringify(apiKey)));
    await expect.poll(problem).toBeUndefined();

    const old = address();
    await portico.lead.call("proxy.start", { port: await freePort() });
    await expect.poll(problem).toContain("Claude Code: connected to an address that Portico no longer has");
    expect(await claude()).toMatchObject({ outdated: "address", baseUrl: old });
    expect(portico.lead.status().connected).toBeUndefined();
    await apply(UPDATE, await preview(UPDATE));
    expect(await text()).toBe(before.replace('"portico"', JSON.stringify(apiKey)).replaceAll(old, address()));
    await expect.poll(problem).toBeUndefined();
    await apply(DISCONNECT, await preview(DISCONNECT));
    expect(await text()).toBe(BEFORE.replace('"opus"', '"haiku"'));
  });

  it("is not outdated where another Portico answers, or where somebody has pointed it elsewhere", async () => {
    await apply(CONNECT, await preview(CONNECT));
    const other = await openLead({
      kind: "headless",
      surroundings: { env: {}, platform: process.platform, home },
    });
    try {
      await other.lead.call("proxy.start", undefined);
      const states = await other.lead.call("clients.list", undefined);
      expect(states[0]).toMatchObject({ id: "claude-code", baseUrl: address() });
      expect(states[0]?.outdated).toBeUndefined();
      expect(other.lead.status().problems).toEqual([]);
      await portico.lead.call("proxy.stop", undefined);
      expect((await other.lead.call("clients.list", undefined))[0]?.outdated).toBe("address");
      await writeFile(file, (await text()).replaceAll(/http:[^"]+/g, "https://team.example"));
      const moved = (await other.lead.call("clients.list", undefined))[0];
      expect(moved).toMatchObject({ baseUrl: "https://team.example", undoable: true });
      expect(moved?.outdated).toBeUndefined();
      const { files } = await other.lead.call("clients.preview", UPDATE);
      expect(files).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it("is named when Portico stops, and when it starts again", async () => {
    await apply(CONNECT, await preview(CONNECT));
    expect((await portico.lead.call("proxy.stop", undefined)).connected).toEqual(["Claude Code"]);
    await portico.lead.call("proxy.start", { port: Number(new URL(baseUrl(await text())).port) });
    await expect
      .poll(() => portico.lines.filter((line) => line.includes("refused until now: Claude Code")))
      .toHaveLength(1);
    expect(portico.lead.status().connected).toEqual(["Claude Code"]);
  });

  it("is not touched where its settings cannot be read, or where nobody knows of it", async () => {
    await writeFile(file, "{ not json");
    expect(await claude()).toMatchObject({ connected: false, problem: expect.stringContaining(file) });
    await expect(preview(CONNECT)).rejects.toThrow(`${file} was left as it is`);
    expect(await text()).toBe("{ not json");
    await expect(preview({ id: "nobody", to: "connect" })).rejects.toThrow("There are: claude-code");
  });
});
