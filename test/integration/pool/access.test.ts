/** Over TLS, as a user with the rights of one pool alone; and what is loaded where there is none. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeCertificate, openssl } from "../../support/certificate.ts";
import { isBuilt } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { freePort } from "../../support/port.ts";
import { redisPath, startRedis } from "../../support/redis.ts";
import { root } from "../cli/program.ts";
import { load, type Member, SECRET, startMember, startProvider, until } from "./here.ts";

vi.setConfig({ testTimeout: 240_000 });

let folder = "";
beforeEach(() => {
  folder = makeFolder("pool");
});
afterEach(() => removeFolder(folder));

/** The user of docs/pool.md, as it stands there. */
function rightsInDocs(name: string): string[] {
  const text = readFileSync(join(root, "docs/pool.md"), "utf8");
  const [, rights = ""] = /ACL SETUSER portico (on [^`]*)```/.exec(text) ?? [];
  return rights.replaceAll("portico:home:", `portico:${name}:`).trim().split(/\s+/);
}

describe.skipIf(redisPath === undefined || !openssl)("an engine (needs redis-server and openssl)", () => {
  it("with TLS and a user of one pool alone is enough", async () => {
    const { keyFile, certFile } = makeCertificate(folder, "localhost", "127.0.0.1");
    const tlsPort = await freePort();
    await using redis = await startRedis([
      ...["--tls-port", String(tlsPort), "--tls-cert-file", certFile, "--tls-key-file", keyFile],
      ...["--tls-ca-cert-file", certFile, "--tls-auth-clients", "no"],
    ]);
    const password = "engine-pass/0123456789";
    const set = await redis.command(
      ...["ACL", "SETUSER", "portico"],
      ...rightsInDocs("test").map((right) => (right === ">PASSWORD" ? `>${password}` : right)),
    );
    expect(set).toContain("OK");
    await redis.command("ACL", "SETUSER", "default", "off");
    await using provider = await startProvider();
    const settings = (ca: object) => ({
      accounts: [provider.account],
      budgets: [{ unit: "requests" as const, per: "day" as const, limit: 30 }],
      pool: {
        url: `rediss://portico:${encodeURIComponent(password)}@127.0.0.1:${tlsPort}`,
        secret: SECRET,
        name: "test",
        ...ca,
      },
    });
    const trusts = { ca: `\${file:${certFile}}` };
    await using one = await startMember(folder, "one", settings(trusts));
    await using two = await startMember(folder, "two", settings(trusts));
    await until("they know each other", () =>
      `${one.program.stderr()}${two.program.stderr()}`.includes("with 1 other gateway"),
    );
    const answers = await Promise.all([one, two].map(({ url }) => load(url, { count: 40, atOnce: 10 })));
    expect(answers.flat().filter(({ status }) => status === 200)).toHaveLength(30);
    expect(one.program.stderr()).not.toContain("is away");

    // Who does not trust its certificate stays away, and says why; never with the password.
    await using strange = await startMember(folder, "strange", settings({}));
    await until("it says so", () => strange.program.stderr().includes("is away (self-signed certificate"));
    const said = [one, two, strange].map(({ program }) => program.stderr() + program.stdout()).join("");
    expect(said).not.toContain(password);
    expect(said).not.toContain(SECRET);
  });
});

describe.skipIf(redisPath === undefined || !isBuilt("cli.js", "pool.js"))(
  "the bundle (needs redis-server and dist/)",
  () => {
    it("is one of a pool as well", async () => {
      await using redis = await startRedis();
      const pool = { url: redis.url, secret: SECRET };
      await using member = await startMember(folder, "one", { pool }, {}, join(root, "dist/cli.js"));
      const health = async () => await (await fetch(`${member.url}/healthz`)).text();
      await until("it has joined", async () => (await health()).includes('"pool":"joined"'));
    });
  },
);

describe("what speaks to an engine", () => {
  const hook = {
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, "../../support/loadedModules.ts"))}`,
  };
  const ended = async ({ program }: Member) => {
    program.kill("SIGTERM");
    await program.ended;
    return program.stderr();
  };

  it("is loaded where there is a pool", async () => {
    const pool = { url: "redis://127.0.0.1:1", secret: SECRET };
    await using member = await startMember(folder, "one", { pool }, hook);
    expect(await ended(member)).toMatch(/loaded: .*node_modules\/ioredis/);
  });

  it("is not where there is none", async () => {
    await using alone = await startMember(folder, "one", {}, hook);
    const said = await ended(alone);
    expect(said).toMatch(/loaded: .*src\/gateway\/gateway\.ts/);
    expect(said).not.toMatch(/ioredis|gateway\/pool\/(?!alone|port)/);
  });
});
