import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LinkFiles, MAX_FILES } from "../../../../src/gateway/controlServer/dashboard/linkFiles.ts";
import { fakeClock } from "../../../support/clock.ts";
import { makeFolder, removeFolder } from "../../../support/folder.ts";

let folder: string;
let warned: string[];
let time: ReturnType<typeof fakeClock>;
let files: LinkFiles;
const URL_OF = "http://127.0.0.1:1/#code=";

beforeEach(() => {
  folder = makeFolder("links");
  warned = [];
  time = fakeClock();
  files = new LinkFiles({ folder, clock: time.clock, log: { warn: (message) => void warned.push(message) } });
});
afterEach(() => removeFolder(folder));

const left = async (): Promise<string[]> => (await readdir(folder)).sort();
const gone = () => expect.poll(left, { timeout: 30_000 });

describe("a file that leads to the dashboard", () => {
  it("is for its owner alone, and goes when it was used", async () => {
    const path = await files.write("abc", `${URL_OF}abc`, 1000);
    expect(await readFile(path, "utf8")).toContain(`content="0; url=${URL_OF}abc"`);
    expect(basename(path)).not.toContain("abc");
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
    await files.remove("other");
    expect(await left()).toEqual([basename(path)]);
    await files.remove("abc");
    expect(await left()).toEqual([]);
    expect(time.timers.size).toBe(0);
  });

  it("goes when its link is too old, and with Portico", async () => {
    await files.write("a", `${URL_OF}a`, 1000);
    time.pass(999);
    expect(await left()).toHaveLength(1);
    time.pass(1);
    await gone().toEqual([]);
    await files.write("b", `${URL_OF}b`, 1000);
    await files.close();
    expect(await left()).toEqual([]);
    expect(time.timers.size).toBe(0);
  });

  it("makes room for newer ones", async () => {
    const paths = [];
    for (let count = 0; count <= MAX_FILES; count += 1) {
      paths.push(basename(await files.write(`c${count}`, `${URL_OF}c${count}`, 1000)));
    }
    expect(await left()).toEqual(paths.slice(1).sort());
    expect(time.timers.size).toBe(MAX_FILES);
  });

  it("is swept away where a process that was killed left it, and nothing else is", async () => {
    const kept = basename(await files.write("mine", `${URL_OF}mine`, 1000));
    const others = ["accounts.json", "open-dashboard-.html", "open-dashboard-12345678.html.txt"];
    for (const name of [...others, "open-dashboard-0123456789ab.html"])
      await writeFile(join(folder, name), "");
    await files.sweep();
    expect(await left()).toEqual([...others, kept].sort());
    expect(warned).toEqual([]);
  });

  it("that cannot be deleted is told, and nothing fails", async () => {
    await mkdir(join(folder, "open-dashboard-0123456789ab.html"));
    await files.sweep();
    expect(warned).toHaveLength(1);
  });
});
