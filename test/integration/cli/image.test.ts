/** The steps of the Dockerfile, run in a clean folder: the image's files, its user, its start, health check and stop. */
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
// @ts-expect-error: a script, without types
import { assemble } from "../../../scripts/lib/npmPackage.mjs";
import { isBuilt } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { ask, root, startUpstream } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Milliseconds after which an engine kills what it has told to stop, where nobody says otherwise. */
const STOP_GRACE_MS = 10_000;

interface Step {
  readonly name: string;
  readonly rest: string;
}

/** By stage; a step may go over several lines. */
function stagesOf(dockerfile: string): Step[][] {
  const lines = dockerfile.replace(/\\\n/g, "").split("\n");
  const steps = lines
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => ({ name: line.split(" ", 1)[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));
  const stages: Step[][] = [];
  for (const step of steps) {
    if (step.name === "FROM") stages.push([]);
    stages.at(-1)?.push(step);
  }
  return stages;
}

const stages = stagesOf(readFileSync(join(root, "Dockerfile"), "utf8"));
const image = stages[1] ?? [];
const all = (name: string) => image.filter((step) => step.name === name).map(({ rest }) => rest);
const command = (name: "ENTRYPOINT" | "CMD"): string[] => JSON.parse(all(name)[0] ?? "[]");
const healthCheck: string[] = JSON.parse(/CMD (\[.*\])$/.exec(all("HEALTHCHECK")[0] ?? "")?.[1] ?? "[]");
/** What is there instead of the image's own folders. */
const PLACES = /(?<![\w.])\/(?:app|data|etc|usr|run)\b/g;

const drainOf = (words: readonly string[]) => Number(words[words.indexOf("--drain") + 1]) * 1000;
const lan = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

describe("the container image", () => {
  it("has two stages on the slim image of Node.js 24, and an ordinary user", () => {
    expect(stages.map(([from]) => from?.rest)).toEqual(["node:24-slim AS build", "node:24-slim"]);
    expect(all("USER")).toEqual(["node"]);
    expect(all("VOLUME")).toEqual(["/data"]);
    expect(all("COPY")[0]).toBe("--from=build /src/dist/npm /app");
    expect(stages[0]?.map(({ rest }) => rest).join("\n")).toContain("node scripts/package-npm.mjs");
    expect(JSON.stringify(stages)).not.toMatch(/curl|wget|apt-get/);
  });

  it("drains within the time that an engine gives", () => {
    expect(drainOf(command("CMD"))).toBeLessThan(STOP_GRACE_MS - 2000);
    const { services } = parse(readFileSync(join(root, "compose.yaml"), "utf8"));
    expect(Object.keys(services)).toEqual(["portico", "engine"]);
    // Of a pool, for who asks for it, and for nobody outside.
    expect(services.engine).toMatchObject({ profiles: ["pool"], read_only: true });
    expect(services.engine).not.toHaveProperty("ports");
    const { stop_grace_period: grace, command: given, ports, read_only: readOnly } = services.portico;
    expect(drainOf(given)).toBeLessThan(Number.parseInt(grace, 10) * 1000 - 2000);
    // Nobody but this computer.
    expect(ports).toEqual(["127.0.0.1:8045:8045"]);
    expect(readOnly).toBe(true);
  });
});

describe.skipIf(process.platform === "win32" || !isBuilt("cli.js", "webviews/panel.js") || lan === undefined)(
  "the image's steps (need dist/ and a network interface; not on Windows)",
  () => {
    let files = "";
    let env: NodeJS.ProcessEnv = {};
    /** Of the image's user, where we may be somebody else. */
    let user: { uid?: number; gid?: number } = {};
    const place = (text: string) => text.replace(PLACES, (path) => join(files, path));

    beforeAll(async () => {
      files = makeFolder("image");
      chmodSync(files, 0o755);
      const other = { uid: 1000, gid: 1000 };
      const mayRun = process.getuid?.() === 0 && spawnSync(process.execPath, ["-v"], other).status === 0;
      user = mayRun ? other : {};
      for (const folder of ["usr/local/bin", "etc/portico", "run/secrets"]) {
        await mkdir(join(files, folder), { recursive: true });
      }
      env = {
        PATH: [join(files, "usr/local/bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
        HOME: join(files, "nowhere"),
      };
      for (const { name, rest } of image) await take(name, rest);
    });
    afterAll(() => removeFolder(files));

    async function take(name: string, rest: string): Promise<void> {
      if (name === "COPY") {
        const [from = "", to = ""] = rest.replace(/^--from=build /, "").split(" ");
        if (from === "/src/dist/npm") await assemble(place(to));
        else await cp(join(root, from), place(to));
      }
      if (name === "RUN") {
        const owner = `${user.uid ?? process.getuid?.()}:${user.gid ?? process.getgid?.()}`;
        const script = place(rest).replace("node:node", owner);
        await promisify(execFile)("sh", ["-ec", script]);
      }
      if (name === "ENV") {
        for (const pair of rest.split(" "))
          env[pair.split("=", 1)[0] ?? ""] = place(pair.replace(/^\w+=/, ""));
      }
    }

    /** Another program in the running container. */
    async function exec(words: readonly string[]): Promise<{ code: number; stdout: string }> {
      const [program = "", ...args] = words;
      const child = spawn(program, args, { env, ...user, stdio: ["ignore", "pipe", "ignore"] });
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      const [code] = await once(child, "close");
      return { code, stdout };
    }

    async function startImage(...more: string[]) {
      const [program = "", ...args] = [...command("ENTRYPOINT"), ...command("CMD"), "--port", "0", ...more];
      const child = spawn(program, args, { env, ...user });
      let said = "";
      const ended = once(child, "close").then(([code]) => code);
      const port = await new Promise<string>((done, failed) => {
        const look = (text: string) => {
          said += text;
          // The welcome's last line comes after all that is asserted here.
          const [, found] = /listening on http:\S+:(\d+)[\s\S]*it is watched/.exec(said) ?? [];
          if (found !== undefined) done(found);
        };
        child.stdout.setEncoding("utf8").on("data", look);
        child.stderr.setEncoding("utf8").on("data", look);
        child.on("error", failed);
        child.on("close", (code) => failed(new Error(`ended with ${code}:\n${said}`)));
      });
      return {
        base: `http://${lan}:${port}`,
        said: () => said,
        ended,
        stop: () => child.kill("SIGTERM"),
        async [Symbol.asyncDispose]() {
          child.kill("SIGKILL");
          await ended;
        },
      };
    }

    it("serves with the key that it made, says how to give another, and is healthy until it is stopped", async () => {
      await using container = await startImage();
      expect(container.said()).toContain("portico key show");
      expect(container.said()).toContain('"auth": { "apiKey": "${file:/PATH}" }');
      expect(container.said()).toContain(place("/etc/portico/portico.jsonc"));
      expect((await ask(container.base, "sandbox/echo", "no-such-key")).status).toBe(401);
      const { stdout } = await exec(["portico", "key", "show"]);
      expect(stdout).toMatch(/^sk-portico-\w+\n$/);
      expect((await ask(container.base, "sandbox/echo", stdout.trim())).status).toBe(200);
      expect((await exec(healthCheck)).code).toBe(0);
      container.stop();
      expect(await container.ended).toBe(0);
      expect((await exec(healthCheck)).code).toBe(1);
    });

    it("takes the key of a secret's file, never shows it, and ends what runs within the time to stop", async () => {
      await using upstream = await startUpstream();
      const key = "container-key-0123456789abcdef";
      await writeFile(join(files, "run/secrets/portico_key"), `${key}\n`);
      await writeFile(
        join(files, "etc/portico/portico.jsonc"),
        `{ "allowLanAccess": true, "auth": { "apiKey": "\${file:${files}/run/secrets/portico_key}" },
          "accounts": [{ "id": "up", "provider": "custom", "endpoints": { "openai-chat": "${upstream.url}" },
            "models": ["m*"] }] }`,
      );
      await using container = await startImage("--drain", "1", "--log-level", "debug");
      expect(container.said()).not.toContain("portico key show");
      expect((await ask(container.base, "m-1", "no-such-key")).status).toBe(401);
      const asked = ask(container.base, "m-1", key);
      await upstream.next();
      const before = performance.now();
      container.stop();
      expect(await container.ended).toBe(0);
      expect(performance.now() - before).toBeLessThan(STOP_GRACE_MS);
      expect(await (await asked).text()).toContain("The Portico that answered was ended");
      expect(container.said()).not.toContain(key);
    });
  },
);
