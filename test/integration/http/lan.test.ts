/** A peer on another machine, played from a network namespace. Linux with the right to make one. */
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEY, type Started, start } from "./listener.ts";

const run = promisify(execFile);
// Two runs at once must not meet: names of at most 15 characters, and a /30 of their own.
const id = process.pid % 16_000;
const space = `portico${id}`;
const outer = `pto${id}`;
const inner = `pti${id}`;
const subnet = `10.213.${id >> 6}`;
const here = `${subnet}.${(id & 63) * 4 + 1}`;
const there = `${subnet}.${(id & 63) * 4 + 2}`;

const ip = (...args: string[]): void => {
  execFileSync("ip", args, { stdio: "ignore" });
};

function makeNamespace(): boolean {
  if (process.platform !== "linux") return false;
  try {
    ip("netns", "add", space);
    ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space);
    ip("addr", "add", `${here}/30`, "dev", outer);
    ip("link", "set", outer, "up");
    ip("-n", space, "addr", "add", `${there}/30`, "dev", inner);
    ip("-n", space, "link", "set", inner, "up");
    return true;
  } catch {
    removeNamespace();
    return false;
  }
}

function removeNamespace(): void {
  for (const args of [
    ["link", "del", outer],
    ["netns", "del", space],
  ]) {
    try {
      ip(...args);
    } catch {
      // It was never made.
    }
  }
}

const client = `
const http = require("node:http");
const [host, port, path, headers] = process.argv.slice(1);
const request = http.get({ host, port, path, headers: JSON.parse(headers) }, (response) => {
  let body = "";
  response.on("data", (chunk) => { body += chunk; });
  response.on("end", () => console.log(JSON.stringify({ status: response.statusCode, body })));
});
request.on("error", (error) => console.log(JSON.stringify({ code: error.code })));
`;

interface Answer {
  status?: number;
  body?: string;
  code?: string;
}

/** GET from within the namespace. */
async function fromLan(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const args = [
    "netns",
    "exec",
    space,
    process.execPath,
    "-e",
    client,
    here,
    String(port),
    path,
    JSON.stringify(headers),
  ];
  const { stdout } = await run("ip", args);
  return JSON.parse(stdout) as Answer;
}

const possible = makeNamespace();

describe.skipIf(!possible)("a LAN peer (needs Linux and the right to make network namespaces)", () => {
  let lan: Started;
  beforeAll(async () => {
    lan = await start({ allowLanAccess: true, policy: { allowedHosts: ["portico.lan"] } });
  });
  afterAll(async () => {
    await lan?.listener.close();
    removeNamespace();
  });

  it("does not reach a gateway without LAN access", async () => {
    const closed = await start();
    expect(await fromLan(closed.port, "/healthz")).toMatchObject({ code: "ECONNREFUSED" });
    await closed.listener.close();
  });

  it("is refused without LAN access even where it gets through", async () => {
    const exposed = await start({ host: "0.0.0.0", policy: { allowLanAccess: false } });
    const answer = await fromLan(exposed.port, "/healthz", { "x-api-key": KEY });
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining("allowLanAccess") });
    await exposed.listener.close();
  });

  it("shows the key in mode off, and reads health without", async () => {
    expect(await fromLan(lan.port, "/v1/models")).toMatchObject({ status: 401 });
    expect(await fromLan(lan.port, "/healthz")).toMatchObject({ status: 200 });
    const answer = await fromLan(lan.port, "/v1/models", { authorization: `Bearer ${KEY}` });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('"local":false') });
  });

  it("may name our address or an allowed host, and nothing else", async () => {
    const key = { "x-api-key": KEY };
    expect(await fromLan(lan.port, "/v1/models", { ...key, host: "portico.lan:8045" })).toMatchObject({
      status: 200,
    });
    expect(await fromLan(lan.port, "/v1/models", { ...key, host: "evil.example" })).toMatchObject({
      status: 403,
    });
    expect(await fromLan(lan.port, "/v1/models", { ...key, host: there })).toMatchObject({ status: 403 });
  });

  it("does not become local by saying so", async () => {
    for (const headers of [
      { "x-forwarded-for": "127.0.0.1" },
      { host: "localhost" },
      { "x-real-ip": "::1" },
    ]) {
      expect(await fromLan(lan.port, "/v1/models", headers)).toMatchObject({ status: 401 });
    }
  });
});
