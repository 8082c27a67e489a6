import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directNetwork, systemClock } from "../../../src/gateway/common/ports.ts";
import { createGateway, type Gateway } from "../../../src/gateway/gateway.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { startGateway } from "../../support/gateway.ts";
import { freePort } from "../../support/port.ts";
import { REPLIES } from "../../support/replies.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const settings = (input: SettingsInput = {}) => settingsSchema.parse({ port: 0, ...input });

let upstream: Upstream;
let gateway: Gateway;

beforeEach(async () => {
  upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  gateway = createGateway(settings(), {
    log: silent,
    secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
    network: directNetwork,
    clock: systemClock,
    random: () => 0.5,
  });
});
afterEach(async () => {
  await gateway.stop(0);
  await upstream.close();
});

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

describe("start and stop", () => {
  it("stays stopped when it is stopped while it starts", async () => {
    const port = await freePort();
    await gateway.apply(settings({ port }));
    const states: string[] = [];
    gateway.onState((state) => states.push(state.kind));
    const [started] = await Promise.all([gateway.start(), gateway.stop(0)]);
    expect(started.kind).toBe("stopped");
    expect(gateway.state.kind).toBe("stopped");
    expect(states).toEqual(["starting", "stopped"]);
    expect(await answers(port)).toBe(false);
  });

  it("gives everybody who starts it the same answer", async () => {
    const [first, second] = await Promise.all([gateway.start(), gateway.start()]);
    expect(first.kind).toBe("running");
    expect(second).toEqual(first);
  });

  it("ends with the records of all that it answered, though their tokens are still being counted", async () => {
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.end(
        'data: {"choices":[{"index":0,"delta":{"content":"Hello there"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      );
    };
    const portico = await startGateway({
      accounts: [
        {
          id: "one",
          provider: "custom",
          endpoints: { "openai-chat": `${upstream.url}/v1` },
          credentials: { apiKey: "k" },
          models: ["m"],
        },
      ],
    });
    const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] });
    const replies = Array.from({ length: 5 }, async () => {
      const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, { method: "POST", body });
      return await reply.text();
    });
    for (const text of await Promise.all(replies)) expect(text).toContain("[DONE]");
    await portico.stop();
    expect(portico.records.map(({ usage }) => usage?.output.total)).toEqual(
      Array.from({ length: 5 }, () => expect.any(Number)),
    );
  });

  it("can be started again while requests of before still end", async () => {
    let release = () => {};
    upstream.script = async (_received, res) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      sendJson(res, 200, REPLIES["openai-chat"]);
    };
    const accounts = [
      {
        id: "one",
        provider: "custom" as const,
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: "k" },
        models: ["m"],
      },
    ];
    await gateway.apply(settings({ accounts }));
    const ask = async (): Promise<number> => {
      const { state } = gateway;
      if (state.kind !== "running") throw new Error(state.kind);
      const reply = await fetch(`http://127.0.0.1:${state.port}/v1/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ model: "m", messages: [] }),
      });
      await reply.text();
      return reply.status;
    };
    await gateway.start();
    const old = ask();
    while (upstream.received.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const freeOld = release;
    const stopped = gateway.stop(5000);
    expect((await gateway.start()).kind).toBe("running");
    const fresh = ask();
    while (upstream.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const freeNew = release;
    expect(gateway.active).toBe(2);
    freeOld();
    expect(await old).toBe(200);
    await stopped;
    expect(gateway.state.kind).toBe("running");
    freeNew();
    expect(await fresh).toBe(200);
    expect(upstream.received).toHaveLength(2);
  });

  it("is stopped at once by a second stop", async () => {
    await gateway.start();
    const { state } = gateway;
    if (state.kind !== "running") throw new Error(state.kind);
    const asked = fetch(`http://127.0.0.1:${state.port}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({
        model: "sandbox/slow",
        messages: [{ role: "user", content: "a b c d e f g h" }],
      }),
    });
    asked.catch(() => {});
    while (gateway.active === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const slow = gateway.stop(60_000);
    await gateway.stop(0);
    await slow;
    const reply = await asked;
    expect(reply.status).toBe(503);
    expect(await reply.text()).toContain("Portico was stopped");
  });
});

describe("new settings", () => {
  it("count when they come while it starts", async () => {
    const port = await freePort();
    const starting = gateway.start();
    await gateway.apply(settings({ port }));
    await starting;
    expect(gateway.state).toMatchObject({ kind: "running", port });
    expect(await answers(port)).toBe(true);
  });

  it("leave one open port, that of the last, when they come quickly", async () => {
    const first = await gateway.start();
    const ports = [await freePort(), await freePort(), await freePort()];
    await Promise.all(ports.map((port) => gateway.apply(settings({ port }))));
    const last = ports.at(-1) ?? 0;
    expect(gateway.state).toMatchObject({ kind: "running", port: last });
    expect(await answers(last)).toBe(true);
    if (first.kind === "running") expect(await answers(first.port)).toBe(false);
    for (const port of ports.slice(0, -1)) expect(await answers(port)).toBe(false);
  });

  it("do not open a port that was stopped meanwhile", async () => {
    await gateway.start();
    const port = await freePort();
    const applied = gateway.apply(settings({ port }));
    await gateway.stop(0);
    await applied;
    expect(gateway.state.kind).toBe("stopped");
    expect(await answers(port)).toBe(false);
  });

  it("leave the old port open when the new one is taken", async () => {
    const before = await gateway.start();
    const after = await gateway.apply(settings({ port: upstream.port }));
    expect(after).toEqual(before);
    if (before.kind === "running") expect(await answers(before.port)).toBe(true);
  });

  it("keep the port that the system chose when only LAN access changes", async () => {
    const before = await gateway.start();
    const after = await gateway.apply(settings({ allowLanAccess: true, auth: { apiKey: "x".repeat(20) } }));
    if (before.kind !== "running") throw new Error(before.kind);
    expect(after).toMatchObject({ kind: "running", port: before.port });
  });

  it("with another key let the account be asked at once", async () => {
    upstream.script = ({ headers }, res) => {
      if (headers.authorization === "Bearer right-key") sendJson(res, 200, REPLIES["openai-chat"]);
      else sendJson(res, 401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } });
    };
    const accounts = (apiKey: string) => [
      {
        id: "one",
        provider: "custom" as const,
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey },
        models: ["m"],
      },
    ];
    const portico = await startGateway({ accounts: accounts("wrong-key") });
    const ask = async () =>
      (
        await fetch(`${portico.baseUrl}/v1/chat/completions`, {
          method: "POST",
          body: JSON.stringify({ model: "m", messages: [] }),
        })
      ).status;
    expect(await ask()).toBe(401);
    // The same, though the provider is not asked again.
    expect(await ask()).toBe(401);
    expect(upstream.received).toHaveLength(1);
    await portico.gateway.apply(settingsSchema.parse({ port: 0, accounts: accounts("right-key") }));
    expect(await ask()).toBe(200);
    await portico.stop();
  });
});

describe("a recorder that fails", () => {
  it("is not noticed by a request", async () => {
    const broken = createGateway(
      settings(),
      {
        log: silent,
        secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
        network: directNetwork,
        clock: systemClock,
        random: () => 0.5,
      },
      {
        onRecord() {
          throw new Error("no disk");
        },
      },
    );
    const state = await broken.start();
    if (state.kind !== "running") throw new Error(state.kind);
    expect((await fetch(`${state.baseUrl}/healthz`)).status).toBe(200);
    const reply = await fetch(`${state.baseUrl}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(reply.status).toBe(200);
    await broken.stop(0);
  });
});
