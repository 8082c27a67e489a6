/** `portico service` on Linux, beside a systemctl that only writes down what it is told. */
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

let home = "";
let env: NodeJS.ProcessEnv = {};
let unit = "";
let told = "";

beforeEach(async () => {
  home = makeFolder("service");
  told = join(home, "told");
  unit = join(home, ".config/systemd/user/portico.service");
  await systemctl(
    'echo "$*" >> "$TOLD"\ncase "$*" in *is-enabled*) echo enabled;; *is-active*) echo active;; esac',
  );
  env = {
    HOME: home,
    XDG_CONFIG_HOME: "",
    XDG_DATA_HOME: "",
    TOLD: told,
    PATH: [join(home, "bin"), process.env.PATH].join(delimiter),
  };
});
afterEach(() => removeFolder(home));

async function systemctl(script: string): Promise<void> {
  const file = join(home, "bin", "systemctl");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

async function service(...args: string[]) {
  await using program = start(["service", ...args], env);
  const { code } = await program.ended;
  return { code, out: program.stdout(), err: program.stderr() };
}

describe.skipIf(process.platform !== "linux")("portico service (needs Linux)", () => {
  it("shows the unit, writes it, and has systemd start it, now and at log-in", async () => {
    const config = join(home, "portico.jsonc");
    const done = await service("install", "--yes", "--config", config, "--port", "0");
    expect(done).toMatchObject({ code: 0, err: "" });
    const text = await readFile(unit, "utf8");
    expect(done.out).toContain(text);
    expect(done.out).toContain("loginctl enable-linger");
    expect(text).toContain(`ExecStart="${process.execPath}" "`);
    expect(text).toContain(
      `"serve" "--data-dir" "${join(home, ".local/share/portico")}" "--config" "${config}" "--port" "0"`,
    );
    expect((await stat(unit)).mode & 0o777).toBe(0o600);
    expect(await readFile(told, "utf8")).toBe("--user daemon-reload\n--user enable --now portico.service\n");
    expect(await service("status")).toMatchObject({
      code: 0,
      out: expect.stringContaining("enabled, active"),
    });
    const again = await service("install", "--yes", "--config", config, "--port", "0");
    expect(again.out).toContain("is there already");
    expect(again.out).not.toContain("ExecStart");
  });

  it("writes nothing where nobody agreed", async () => {
    const { code, out, err } = await service("install");
    expect(code).toBe(2);
    expect(out).toContain("ExecStart=");
    expect(err).toContain("--yes");
    expect(existsSync(unit)).toBe(false);
    expect(existsSync(told)).toBe(false);
  });

  it("takes it back, with the link that starts it, and leaves the data", async () => {
    await service("install", "--yes");
    const data = join(home, ".local/share/portico");
    await mkdir(data, { recursive: true });
    const link = join(dirname(unit), "default.target.wants", "portico.service");
    await mkdir(dirname(link), { recursive: true });
    await writeFile(link, "");
    expect((await service("uninstall")).code).toBe(2);
    expect(existsSync(unit)).toBe(true);
    expect(await service("uninstall", "--yes")).toMatchObject({ code: 0, err: "" });
    expect([existsSync(unit), existsSync(link), existsSync(data)]).toEqual([false, false, true]);
    expect((await readFile(told, "utf8")).trim().split("\n").slice(-2)).toEqual([
      "--user disable --now portico.service",
      "--user daemon-reload",
    ]);
    expect(await service("status")).toMatchObject({ code: 1, out: "No service of Portico is installed.\n" });
    expect(await service("uninstall", "--yes")).toMatchObject({ code: 0 });
  });

  it("says what systemd says against it, and what to run", async () => {
    await systemctl("echo 'Failed to connect to bus' >&2; exit 1");
    const failed = await service("install", "--yes");
    expect(failed.code).toBe(1);
    expect(failed.err).toContain("Failed to connect to bus");
    expect(failed.err).toContain("  systemctl --user enable --now portico.service\n");
    expect(existsSync(unit)).toBe(true);
    expect(await service("status")).toMatchObject({
      code: 1,
      out: expect.stringContaining("Failed to connect to bus"),
    });
    expect((await service("uninstall", "--yes")).code).toBe(1);
    expect(existsSync(unit)).toBe(false);
  });

  it("leaves a unit alone that somebody else wrote", async () => {
    await mkdir(dirname(unit), { recursive: true });
    await writeFile(unit, "[Service]\nExecStart=/bin/true\n");
    for (const how of ["install", "uninstall"]) {
      const { code, err } = await service(how, "--yes");
      expect(code).toBe(1);
      expect(err).toContain("was not written by Portico");
    }
    expect(await readFile(unit, "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
    expect(existsSync(told)).toBe(false);
  });
});
