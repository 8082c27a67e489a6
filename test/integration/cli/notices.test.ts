/** `portico serve` with a webhook: what is told, once, and what is never in it. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Notice } from "../../../src/gateway/notify/notifier.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { KEY, server } from "./here.ts";
import { ask, start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

const SECRET = "whsec-0123456789abcdef";
const WRONG = "sk-wrong-0123456789abcdef";
/** What `ask` asks. */
const ASKED = "Hello";

let folder = "";
beforeEach(() => {
  folder = makeFolder("notices");
});
afterEach(() => removeFolder(folder));

async function receiver() {
  const notices: Notice[] = [];
  const bodies: string[] = [];
  const http = createServer((request, reply) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const [, t, v1] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers["x-portico-signature"])) ?? [];
      const right = createHmac("sha256", SECRET).update(`${t}.${body}`).digest("hex");
      bodies.push(body);
      if (v1 === right) notices.push(JSON.parse(body));
      reply.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/notices`,
    notices,
    bodies,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

const account = (id: string, url: string, apiKey: string) => ({
  id,
  label: `The ${id} one`,
  provider: "custom",
  endpoints: { "openai-chat": url },
  credentials: { apiKey },
  models: ["m-1"],
});

describe("a webhook in the config file", () => {
  it("is told of an account that needs someone and of a budget, once each, also over a restart", async () => {
    await using upstream = await server();
    await using hook = await receiver();
    const config = join(folder, "portico.jsonc");
    const write = (url: string) =>
      writeFile(
        config,
        JSON.stringify({
          accounts: [account("bad", upstream.url, WRONG), account("good", upstream.url, KEY)],
          budgets: [{ account: "good", unit: "requests", per: "month", limit: 2, warnAtPercent: 50 }],
          notify: { url, secret: "${env:HOOK}" },
        }),
      );
    await write(hook.url);
    const run = () =>
      start(["serve", "--port", "0", "--data-dir", join(folder, "data"), "--config", config], {
        HOOK: SECRET,
      });
    const causes = () => hook.notices.map(({ cause }) => cause).sort();
    {
      await using program = run();
      const base = await program.ready();
      await ask(base, "bad/m-1");
      await expect.poll(causes).toEqual(["credential"]);
      expect(hook.notices[0]).toMatchObject({
        event: "problem",
        message: "The bad one: needs a new key, or to be signed in to again",
        account: { id: "bad", label: "The bad one" },
      });
      expect((await ask(base, "good/m-1")).status).toBe(200);
      await expect.poll(causes).toEqual(["budget-requests-month", "credential"]);
      expect((await ask(base, "good/m-1")).status).toBe(200);
      await expect
        .poll(causes)
        .toEqual(["budget-requests-month", "budget-requests-month-reached", "credential"]);
      program.kill("SIGTERM");
      await program.ended;
      for (const secret of [SECRET, WRONG, KEY]) expect(program.stderr()).not.toContain(secret);
    }
    for (const word of [SECRET, WRONG, KEY, ASKED, "Incorrect API key"]) {
      expect(hook.bodies.join()).not.toContain(word);
    }
    expect(readFileSync(join(folder, "data", "notified.json"), "utf8")).toContain("bad credential");

    // The same problems again; another address is told anew only of what is new.
    await using again = run();
    await again.ready();
    await using other = await receiver();
    await write(other.url);
    await again.says("the changed config file is in force");
    expect(hook.notices).toHaveLength(3);
    expect(other.notices).toEqual([]);
  });

  it("is told that a client key expires and that its budget runs out, once each, also over a restart", async () => {
    await using upstream = await server();
    await using hook = await receiver();
    const config = join(folder, "portico.jsonc");
    const data = join(folder, "data");
    const key = "sk-portico-for-the-notices-of-a-test";
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const write = (expiresAt: string) =>
      writeFile(
        config,
        JSON.stringify({
          accounts: [account("good", upstream.url, KEY)],
          keys: [
            {
              ...{ id: "ci", name: "CI of the team", key: "${env:CI_KEY}", expiresAt },
              budgets: [{ unit: "requests", per: "month", limit: 2, warnAtPercent: 50 }],
            },
            { id: "later", key: `sha256:${"0".repeat(64)}`, expiresAt: inHours(24 * 30) },
          ],
          notify: { url: hook.url, secret: "${env:HOOK}" },
        }),
      );
    await write(inHours(100));
    const run = () =>
      start(["serve", "--port", "0", "--data-dir", data, "--config", config], { HOOK: SECRET, CI_KEY: key });
    const causes = () => hook.notices.map(({ cause }) => cause);
    {
      await using program = run();
      const base = await program.ready();
      await expect.poll(causes).toEqual(["key-expires-7d"]);
      expect(hook.notices[0]).toMatchObject({
        event: "problem",
        key: "ci",
        message: expect.stringMatching(/^The client key "CI of the team" expires at \d{4}-.*Z\.$/) as string,
      });
      expect((await ask(base, "good/m-1", key)).status).toBe(200);
      await expect.poll(causes).toEqual(["key-expires-7d", "key-budget-requests-month"]);
      expect(hook.notices[1]?.message).toMatch(/key "CI of the team" is nearly used up: 1 requests of 2/);
      expect((await ask(base, "good/m-1", key)).status).toBe(200);
      await expect.poll(() => causes().at(-1)).toBe("key-budget-requests-month-reached");
      program.kill("SIGTERM");
      await program.ended;
    }
    await using again = run();
    await again.ready();
    await write(inHours(20));
    await again.says("the changed config file is in force");
    await expect.poll(() => causes().at(-1)).toBe("key-expires-1d");
    expect(hook.notices).toHaveLength(4);
    expect(hook.bodies.join() + readFileSync(join(data, "notified.json"), "utf8")).not.toContain(key);
  });

  it("is https or on this computer, and has a secret of some length", async () => {
    const config = join(folder, "portico.jsonc");
    await writeFile(config, '{ "notify": { "url": "http://example.com/", "secret": "short" } }');
    await using program = start([
      "serve",
      "--port",
      "0",
      "--data-dir",
      join(folder, "data"),
      "--config",
      config,
    ]);
    expect((await program.ended).code).toBe(2);
    expect(program.stderr()).toContain("notify.url: must be https, or on this computer");
    expect(program.stderr()).toContain("notify.secret: must have at least 16 characters");
  });
});
