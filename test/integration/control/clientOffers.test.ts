/** Models that Claude Code lists beside its own: chosen where it is connected, by a route each, gone when it is disconnected. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientWish } from "../../../src/control/clients.ts";
import { homeEnvironment } from "../../support/clientHome.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { type Ran, runHere } from "../cli/here.ts";

vi.setConfig({ testTimeout: 240_000 });

const BEFORE = '{\n  "model": "opus"\n}\n';
const DISCOVERY = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY";
const ECHO = { model: "claude-portico-sandbox/echo", to: ["sandbox/echo"] };

let home = "";
let file = "";
beforeEach(async () => {
  home = makeFolder("offers");
  file = join(home, ".claude", "settings.json");
  await mkdir(join(home, ".claude"));
  await writeFile(file, BEFORE);
});
afterEach(() => removeFolder(home));

const text = () => readFile(file, "utf8");
const env = async () => JSON.parse(await text()).env;

describe("from windows and pages", () => {
  let portico: TestLead;
  beforeEach(async () => {
    portico = await openLead({
      kind: "headless",
      surroundings: { env: {}, platform: process.platform, home },
    });
    await portico.lead.call("proxy.start", undefined);
  });
  afterEach(() => portico.close());

  const routes = async () => (await portico.lead.call("routes.get", undefined)).own;
  const preview = (wish: ClientWish) => portico.lead.call("clients.preview", wish);
  async function apply(wish: ClientWish) {
    const { seen } = await preview(wish);
    return await portico.lead.call("clients.apply", { wish, seen });
  }
  const connect = (offers?: string[]): ClientWish => ({
    id: "claude-code",
    to: "connect",
    ...(offers === undefined ? {} : { offers }),
  });
  const disconnect: ClientWish = { id: "claude-code", to: "disconnect" };

  it("are shown first, listed under names that it takes, answered, and gone with the connection", async () => {
    const mine = { model: "fast", to: ["sandbox/echo"] };
    await portico.lead.call("routes.set", [mine]);
    const shown = await preview(connect(["sandbox/echo"]));
    expect(shown.routes).toEqual([{ sign: "+", text: "claude-portico-sandbox/echo → sandbox/echo" }]);
    expect(JSON.stringify(shown.files)).toContain(DISCOVERY);
    expect(await routes()).toEqual([mine]);
    expect(await apply(connect(["sandbox/echo"]))).toMatchObject({
      connected: true,
      offers: ["sandbox/echo"],
    });
    expect(await routes()).toEqual([mine, ECHO]);
    const { ANTHROPIC_BASE_URL: base, ...rest } = await env();
    expect(rest).toMatchObject({ [DISCOVERY]: "1" });

    const headers = { "anthropic-version": "2023-06-01", "content-type": "application/json" };
    const list = await fetch(`${base}/v1/models?limit=1000`, { headers });
    const { data } = (await list.json()) as { data: { id: string; display_name: string }[] };
    const listed = data.filter(({ id }) => id.startsWith("claude-portico-"));
    expect(listed).toMatchObject([
      { id: "claude-portico-fast" },
      { id: ECHO.model, display_name: "sandbox/echo → sandbox/echo" },
    ]);
    for (const { id } of listed) {
      const body = { model: id, max_tokens: 20, messages: [{ role: "user", content: "hi" }] };
      const reply = await fetch(`${base}/v1/messages`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      expect(await reply.json()).toMatchObject({ type: "message", model: id });
    }

    // To connect anew keeps what is listed, unless something else is asked for.
    expect((await preview(connect())).files).toMatchObject([{ what: "same" }]);
    const other = await preview(connect(["sandbox/slow"]));
    expect(other.routes?.map(({ sign, text: route }) => sign + route)).toEqual([
      "-claude-portico-sandbox/echo → sandbox/echo",
      "+claude-portico-sandbox/slow → sandbox/slow",
    ]);
    const back = await preview(disconnect);
    expect(back.routes).toEqual([{ sign: "-", text: "claude-portico-sandbox/echo → sandbox/echo" }]);
    expect(await apply(disconnect)).toMatchObject({ connected: false, offers: [] });
    expect(await routes()).toEqual([mine]);
    expect(await text()).toBe(BEFORE);
  });

  it("count with the change that was seen, and stay where a person has made a route another", async () => {
    const { seen } = await preview(connect(["sandbox/echo"]));
    await portico.lead.call("routes.set", [ECHO]);
    const wish = connect(["sandbox/echo"]);
    await expect(portico.lead.call("clients.apply", { wish, seen })).rejects.toThrow("Look at it again");
    expect(await text()).toBe(BEFORE);
    await apply(wish);
    const changed = { ...ECHO, to: ["sandbox/echo", "sandbox/slow"] };
    await portico.lead.call("routes.set", [changed]);
    await apply(disconnect);
    expect(await routes()).toEqual([changed]);
    expect(await text()).toBe(BEFORE);
  });

  it("are nothing to other clients", async () => {
    const wish: ClientWish = { id: "codex", to: "connect", offers: ["sandbox/echo"] };
    expect(await preview(wish)).not.toHaveProperty("routes");
    const states = await portico.lead.call("clients.list", undefined);
    expect(states.filter(({ offers }) => offers !== undefined).map(({ id }) => id)).toEqual(["claude-code"]);
  });
});

describe("portico connect --offer", () => {
  async function done(...args: string[]): Promise<Ran> {
    const ran = await runHere(args, homeEnvironment(home));
    expect({ code: ran.code, err: ran.err }, ran.out).toEqual({ code: 0, err: "" });
    return ran;
  }
  const routes = async () => {
    const accounts = JSON.parse(await readFile(join(home, "data", "accounts.json"), "utf8"));
    return accounts.routes;
  };

  it("lists models, keeps them, changes them, and takes them away", async () => {
    const offered = ["--offer", "sandbox/echo", "--offer", "gpt-5"];
    const { out } = await done("connect", "claude-code", ...offered, "--yes");
    expect(out).toContain("+ Route claude-portico-gpt-5 → gpt-5");
    expect(await routes()).toEqual([ECHO, { model: "claude-portico-gpt-5", to: ["gpt-5"] }]);
    expect(await env()).toMatchObject({ [DISCOVERY]: "1" });
    expect((await done("connect", "claude-code", "--yes")).out).toContain("is connected to");
    const changed = await done("connect", "claude-code", "--offer", "gpt-5", "--yes");
    expect(changed.out).toContain("- Route claude-portico-sandbox/echo → sandbox/echo");
    expect(await routes()).toEqual([{ model: "claude-portico-gpt-5", to: ["gpt-5"] }]);
    const { out: said } = await done("disconnect", "claude-code", "--yes");
    expect(said).toContain("- Route claude-portico-gpt-5 → gpt-5");
    expect(await routes()).toEqual([]);
    expect(await text()).toBe(BEFORE);
  });

  it("takes none back by an empty name, and is refused for a client that lists none", async () => {
    await done("connect", "claude-code", "--offer", "gpt-5", "--yes");
    await done("connect", "claude-code", "--offer", "", "--yes");
    expect(await routes()).toEqual([]);
    expect(await env()).not.toHaveProperty(DISCOVERY);
    const refused = await runHere(["connect", "codex", "--offer", "gpt-5", "--yes"], homeEnvironment(home));
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("Codex lists no models of others");
  });
});
