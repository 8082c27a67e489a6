import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeCredential } from "../../../src/gateway/accounts/credentials/credential.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { createSecretsFile } from "../../../src/gateway/config/secretsFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { leaksInFolder } from "../../support/secrets.ts";
import { AuthServer } from "./authServer.ts";

type Child = { process: ChildProcessByStdio<Writable, Readable, null>; lines: Interface };

const KEY = "account.shared.apiKey";
/** 32 requests among three processes. */
const REQUESTS = [11, 11, 10];
const ROUNDS = 20;

let server: AuthServer;
let folder: string;
let children: Child[];

beforeEach(async () => {
  server = new AuthServer();
  await server.listen();
  folder = makeFolder("refresh");
  await createSecretsFile(join(folder, "secrets.json")).set(
    KEY,
    encodeCredential({
      kind: "googleOAuth",
      clientId: server.clientId,
      clientSecret: server.clientSecret,
      refreshToken: server.issueRefreshToken(),
      scopes: [],
    }),
  );
  const script = fileURLToPath(new URL("refreshProcess.ts", import.meta.url));
  children = REQUESTS.map(() => {
    const child = spawn(process.execPath, ["--no-warnings", script, folder, server.base], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    return { process: child, lines: createInterface({ input: child.stdout }) };
  });
});
afterEach(async () => {
  await Promise.all(
    children.map(async ({ process }) => {
      if (process.exitCode !== null || process.signalCode !== null) return;
      const exited = once(process, "exit");
      process.kill("SIGKILL");
      await exited;
    }),
  );
  await server.close();
  expect(await leaksInFolder(folder)).toEqual([]);
  await removeFolder(folder);
});

async function round(hours: number): Promise<{ got: string[]; lines: string[] }> {
  const answers = children.map(async ({ lines }) => String((await once(lines, "line"))[0]));
  for (const [index, { process }] of children.entries()) process.stdin.write(`${hours} ${REQUESTS[index]}\n`);
  const parsed = (await Promise.all(answers)).map((each) => JSON.parse(each));
  return { got: parsed.flatMap(({ got }) => got), lines: parsed.flatMap(({ lines }) => lines) };
}

describe("one expiring, rotating refresh token in three processes", () => {
  it(`is renewed exactly once for 32 requests at a time, ${ROUNDS} times over`, {
    timeout: 120_000,
  }, async () => {
    const seen = new Set<string>();
    for (let hours = 0; hours < ROUNDS; hours++) {
      const { got, lines } = await round(hours);
      expect(got).toHaveLength(32);
      expect(new Set(got).size).toBe(1);
      const [token = ""] = got;
      expect(token).toMatch(/^access-/);
      expect(seen.has(token)).toBe(false);
      seen.add(token);
      expect(server.grants).toHaveLength(hours + 1);
      for (const secret of server.secrets) expect(lines.join("\n")).not.toContain(secret);
    }
    expect(server.reused).toBe(0);
    // What is stored at the end still works.
    const { got } = await round(ROUNDS);
    expect(got.every((each) => each.startsWith("access-"))).toBe(true);
  });

  it("is renewed by another process when the one that began dies in the midst", {
    timeout: 180_000,
  }, async () => {
    server.rotate = false;
    const held = deferred();
    server.delay = held.promise;
    const [first, second] = children;
    first?.process.stdin.write("0 1\n");
    await expect.poll(() => server.grants, { timeout: 60_000 }).toHaveLength(1);
    const answer = once(second?.lines ?? process.stdin, "line");
    second?.process.stdin.write("0 1\n");
    first?.process.kill("SIGKILL");
    await expect.poll(() => server.grants, { timeout: 60_000 }).toHaveLength(2);
    held.resolve();
    expect(String((await answer)[0])).toContain("access-");
  });
});
