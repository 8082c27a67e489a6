import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advertise, discover, withdraw } from "../../../src/gateway/controlServer/discovery.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let root = "";
let folder = "";
beforeEach(async () => {
  root = makeFolder("pointers");
  folder = join(root, "portico");
});
afterEach(() => removeFolder(root));

const pointer = (dataDir: string, since: number, pid = process.pid) => ({ pid, dataDir, since });

describe("pointers", () => {
  it("tell who runs, the latest first; one for each data folder", async () => {
    expect(await discover(folder)).toEqual([]);
    await advertise(folder, pointer("/a", 1));
    await advertise(folder, pointer("/b", 3));
    await advertise(folder, pointer("/a", 2));
    expect(await discover(folder)).toEqual([pointer("/b", 3), pointer("/a", 2)]);
    await withdraw(folder, "/b", process.pid);
    await withdraw(folder, "/none", process.pid);
    expect(await discover(folder)).toEqual([pointer("/a", 2)]);
  });

  it.skipIf(process.platform === "win32")("are for their owner alone (Windows has no modes)", async () => {
    await advertise(folder, pointer("/a", 1));
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const [name = ""] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it("of processes that are gone, and what is none, are removed; other files stay", async () => {
    await advertise(folder, pointer("/dead", 1, 4711));
    await advertise(folder, pointer("/alive", 1, 4712));
    await writeFile(join(folder, "0123456789abcdef.json"), "{");
    await writeFile(join(folder, "fedcba9876543210.json"), '{"pid":-1}');
    await writeFile(join(folder, "other.txt"), "mine");
    expect(await discover(folder, (pid) => pid === 4712)).toEqual([pointer("/alive", 1, 4712)]);
    expect(await readdir(folder)).toHaveLength(2);
    expect(await readdir(folder)).toContain("other.txt");
  });

  it("are looked at up to a hundred", async () => {
    for (let i = 0; i < 105; i++) await advertise(folder, pointer(`/${i}`, i));
    expect(await discover(folder)).toHaveLength(100);
  });
});
