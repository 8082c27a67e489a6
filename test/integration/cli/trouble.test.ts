/** Trouble around `portico serve`: nobody reads its log, its config file breaks, its data folder goes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Status } from "../../../src/control/contract.ts";
import { statusView } from "../../../src/vscode/status/statusView.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { root, start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

let folder = "";
let data = "";
beforeEach(() => {
  folder = makeFolder("cli-trouble");
  data = join(folder, "data");
});
afterEach(() => removeFolder(folder));

/** As a person asks for it. */
async function status(): Promise<{ running: boolean; status?: Status }> {
  await using asked = start(["status", "--json", "--data-dir", data]);
  await asked.ended;
  return JSON.parse(asked.stdout());
}

const told = async (cause: string): Promise<string[]> =>
  ((await status()).status?.problems ?? [])
    .filter((each) => each.cause === cause)
    .map(({ message }) => message);

describe("a config file that is broken while it runs", () => {
  it("is a problem until it is mended", async () => {
    const config = join(folder, "portico.jsonc");
    await writeFile(config, "{}");
    await using program = start(["serve", "--port", "0", "--data-dir", data, "--config", config]);
    await program.ready();
    expect(await told("config")).toEqual([]);

    await writeFile(config, '{ "port": "many", "prot": 1 }');
    await program.says("does not hold");
    await expect
      .poll(() => told("config"), { timeout: 30_000 })
      .toEqual([
        expect.stringMatching(
          /^The config file .*portico\.jsonc does not hold: .*:1:11 port: .*prot.*stays so\.$/,
        ),
      ]);
    // A window that is attached to it shows it in its status bar.
    const shown = async () => {
      const { status: told } = await status();
      return statusView({
        part: { kind: "attached", pid: 1 },
        ...(told === undefined ? {} : { status: told }),
      });
    };
    const broken = await shown();
    expect(broken.text).toBe("$(portico-gate) $(warning) the config file has a mistake");
    expect(broken.tone).toBe("warning");
    expect(broken.lines.join("\n")).toMatch(/• The config file .*portico\.jsonc does not hold/);
    await writeFile(config, "{}");
    await expect.poll(() => told("config"), { timeout: 30_000 }).toEqual([]);
    expect((await shown()).lines.join("\n")).not.toContain("config file");
  });
});

describe.skipIf(process.platform === "win32")(
  "a log that nobody reads (Windows has no signals to send)",
  () => {
    it("neither fills the memory nor keeps the program from ending", async () => {
      const child = spawn(
        process.execPath,
        [join(root, "src/cli.ts"), "serve", "--port", "0", "--data-dir", data],
        {
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...process.env, XDG_RUNTIME_DIR: join(folder, "run") },
        },
      );
      try {
        const [line] = await once(child.stdout, "data");
        const base = /http:\S+/.exec(String(line))?.[0] ?? "";
        // Nothing reads child.stderr.
        const long = "x".repeat(6000);
        for (let n = 0; n < 400; n++) await (await fetch(`${base}/v1/${long}`)).text();
        const [message] = await told("log");
        expect(message).toContain("Nobody reads the log");
        expect((await fetch(`${base}/healthz`)).status).toBe(200);

        const ended = once(child, "exit");
        const began = performance.now();
        child.kill("SIGTERM");
        expect(await ended).toEqual([0, null]);
        expect(performance.now() - began).toBeLessThan(15_000);
      } finally {
        child.kill("SIGKILL");
      }
    });

    it("says how many lines are missing to a reader that comes back", async () => {
      const child = spawn(
        process.execPath,
        [join(root, "src/cli.ts"), "serve", "--port", "0", "--data-dir", data],
        {
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...process.env, XDG_RUNTIME_DIR: join(folder, "run") },
        },
      );
      try {
        const [line] = await once(child.stdout, "data");
        const base = /http:\S+/.exec(String(line))?.[0] ?? "";
        const long = "x".repeat(6000);
        for (let n = 0; n < 400; n++) await (await fetch(`${base}/v1/${long}`)).text();
        let text = "";
        child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        await expect
          .poll(() => text, { timeout: 30_000 })
          .toMatch(/WARN {2}\d+ lines of the log are missing here/);
        await expect.poll(() => told("log"), { timeout: 30_000 }).toEqual([]);
      } finally {
        child.kill("SIGKILL");
      }
    });
  },
);

describe.skipIf(process.platform === "win32")("`portico logs --follow` that nobody reads", () => {
  it.each([
    ["--json", "stderr"],
    ["for a person", "stdout"],
  ])("keeps a bounded part, says what is missing, and ends when it is told to: %s", async (how, where) => {
    const env = { ...process.env, XDG_RUNTIME_DIR: join(folder, "run") };
    await using program = start(["serve", "--port", "0", "--data-dir", data], env);
    const base = await program.ready();
    const json = how === "--json";
    const args = ["logs", "--follow", "--data-dir", data, ...(json ? [how] : [])];
    const child = spawn(process.execPath, [join(root, "src/cli.ts"), ...args], { env });
    try {
      const said = { stdout: "", stderr: "" };
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said.stderr += text;
      });
      const asked = async (count: number, name: string) => {
        const one = () =>
          fetch(`${base}/v1/chat/completions`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ model: name, messages: [] }),
          }).then((reply) => reply.text());
        for (let n = 0; n < count; n += 10) await Promise.all(Array.from({ length: 10 }, one));
      };
      // The first request is shown: then it follows.
      let first = "";
      const hears = (chunk: Buffer) => {
        first += chunk.toString();
        if (first.includes("early")) child.stdout.pause();
      };
      child.stdout.on("data", hears);
      await expect
        .poll(
          async () => {
            if (!first.includes("early")) await asked(10, "early");
            return first;
          },
          { timeout: 60_000 },
        )
        .toContain("early");
      child.stdout.off("data", hears);
      // More than the pipe and what may wait: rows are of some 800 bytes, lines of some 500.
      const total = json ? 2500 : 4000;
      await asked(total, `never-read-${"x".repeat(180)}`);
      await asked(10, "latest");
      await expect
        .poll(
          async () => {
            await using list = start(["logs", "--json", "--limit", "1", "--data-dir", data], env);
            await list.ended;
            return list.stdout();
          },
          { timeout: 60_000 },
        )
        .toContain("latest");
      child.stdout.on("data", (chunk: Buffer) => {
        said.stdout += chunk.toString();
      });
      child.stdout.resume();
      const missing = () => Number(/\((\d+) lines are missing here/.exec(said[where as "stdout"])?.[1] ?? 0);
      await expect.poll(missing, { timeout: 30_000 }).toBeGreaterThan(0);
      // From now on it is read again.
      await asked(10, "afterwards");
      await expect.poll(() => said.stdout, { timeout: 30_000 }).toContain("afterwards");
      const lines = said.stdout.trimEnd().split("\n");
      if (json) for (const line of lines.slice(1)) JSON.parse(line);
      const shown = lines.filter((line) => line.includes("never-read")).length;
      expect(shown).toBeLessThan(total);
      expect(shown + missing()).toBeGreaterThanOrEqual(total);

      child.stdout.removeAllListeners("data").pause();
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      expect(await ended).toEqual([null, "SIGTERM"]);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("a data folder that goes while it is led", () => {
  it("is made anew where it was deleted: status finds the same gateway, and a second one is refused", async () => {
    await using program = start(["serve", "--port", "0", "--data-dir", data]);
    const base = await program.ready();
    rmSync(data, { recursive: true });
    await program.says("was deleted while Portico ran. It was made anew");
    expect(await told("data-folder")).toEqual([expect.stringContaining("was deleted while Portico ran")]);
    await using second = start(["serve", "--port", "0", "--data-dir", data]);
    expect((await second.ended).code).toBe(1);
    expect(second.stderr()).toContain("Portico already runs with the data folder");
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it("ends the program where another is in its place", async () => {
    await using program = start(["serve", "--port", "0", "--data-dir", data]);
    await program.ready();
    renameSync(data, join(folder, "aside"));
    mkdirSync(data);
    writeFileSync(join(data, "accounts.json"), '{ "version": 1, "accounts": [] }');
    expect(await program.ended).toEqual({ code: 1, signal: null });
    expect(program.stderr()).toContain("was replaced while Portico ran");
    expect(readFileSync(join(data, "accounts.json"), "utf8")).toBe('{ "version": 1, "accounts": [] }');
  });
});
