import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ResponseStore } from "../../../src/gateway/protocols/openaiResponses/stored/store.ts";
import { defaultSettings } from "../../../src/gateway/settings/settings.ts";
import { createCacheFile } from "../../../src/gateway/state/cacheFile.ts";
import { createResponsesFile } from "../../../src/gateway/state/responsesFile.ts";
import { ResponsesOnDisk } from "../../../src/gateway/state/responsesOnDisk.ts";
import { createSignaturesFile } from "../../../src/gateway/state/signaturesFile.ts";
import type { StoredSignature } from "../../../src/gateway/state/storedSignature.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { SimulatedClock } from "../../support/simulation/clock.ts";

let folder: string;
const said: string[] = [];
const log = { warn: (message: string) => void said.push(message) };
const clock = { now: () => 0 };

beforeEach(async () => {
  folder = makeFolder("files");
  said.length = 0;
});
afterEach(() => removeFolder(folder));

describe("the file of signatures", () => {
  const signature = (callId: string, data: string): StoredSignature => ({
    session: "s",
    model: "m",
    callId,
    name: "read",
    content: "c",
    proof: { protocol: "gemini", kind: "signature", data },
    reasoning: [],
  });
  const open = (most?: number) =>
    createSignaturesFile(join(folder, "proofs.json"), {
      log,
      clock,
      ...(most === undefined ? {} : { most }),
    });

  it("comes back as it was, readable by its owner alone", async () => {
    expect(await open().load()).toBeUndefined();
    await open().save([signature("a", "1"), signature("b", "2")]);
    expect(await open().load()).toEqual([signature("a", "1"), signature("b", "2")]);
    if (process.platform !== "win32")
      expect((await stat(join(folder, "proofs.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["proofs.json"]);
  });

  it("holds the latest that fit", async () => {
    const file = open(1000);
    await file.save(Array.from({ length: 50 }, (_, n) => signature(`c${n}`, "x".repeat(50))));
    const kept = (await file.load()) as StoredSignature[];
    expect(kept.at(-1)?.callId).toBe("c49");
    expect(kept.length).toBeGreaterThan(0);
    expect((await readFile(join(folder, "proofs.json"), "utf8")).length).toBeLessThanOrEqual(1100);
  });

  it.each(["{", "[]", '{"version":1}', '{"version":1,"proofs":7}'])("sets %j aside", async (text) => {
    await writeFile(join(folder, "proofs.json"), text);
    expect(await open().load()).toBeUndefined();
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^proofs\.json\.broken-/)]);
    expect(said).toHaveLength(1);
  });

  it("is set aside twice at most, and what was set aside goes with it", async () => {
    let now = 0;
    const file = createCacheFile(join(folder, "some.json"), {
      schema: z.object({ version: z.literal(1) }),
      what: "Something",
      log,
      clock: { now: () => now },
    });
    await writeFile(join(folder, "some.json.txt"), "not ours");
    for (const day of [1, 2, 3]) {
      now = day * 86_400_000;
      await writeFile(join(folder, "some.json"), "{");
      await file.load();
    }
    expect((await readdir(folder)).sort()).toEqual([
      "some.json.broken-1970-01-03T00-00-00-000Z",
      "some.json.broken-1970-01-04T00-00-00-000Z",
      "some.json.txt",
    ]);
    await file.remove();
    expect(await readdir(folder)).toEqual(["some.json.txt"]);
  });

  it("of a newer version is left alone", async () => {
    const text = '{"version":2}';
    await writeFile(join(folder, "proofs.json"), text);
    const file = open();
    expect(await file.load()).toBeUndefined();
    await file.save([signature("a", "1")]);
    expect(await readFile(join(folder, "proofs.json"), "utf8")).toBe(text);
  });
});

describe("responses on disk", () => {
  function setup(given: Partial<(typeof defaultSettings)["responses"]> = {}) {
    const settings = { ...defaultSettings.responses, onDisk: true, ...given };
    const time = new SimulatedClock(1_000_000);
    let n = 0;
    const store: ResponseStore = new ResponseStore({
      limits: { count: 100, bytes: 1_000_000, ageMs: 1e9 },
      now: () => time.now(),
      newId: () => String(n++).padStart(24, "0"),
      onChange: () => disk.touch(),
    });
    const file = createResponsesFile(join(folder, "responses.json"), { log, clock: time });
    const disk = new ResponsesOnDisk({ file, store, settings: () => settings, clock: time, log });
    return { settings, time, store, disk };
  }
  const reply = (id: string, text: string) => ({
    id,
    object: "response",
    output: [
      { type: "message", id: `msg_${id}`, role: "assistant", content: [{ type: "output_text", text }] },
    ],
  });
  const files = () => readdir(folder);

  it("come back after a restart, with what follows from them", async () => {
    const first = setup();
    await first.disk.load();
    first.store.put(reply("resp_1", "one"), "hello");
    first.store.put(reply("resp_2", "two"), "more", { previousResponseId: "resp_1" });
    const { id } = first.store.conversations.create({
      items: [{ role: "user", content: "hi" }],
      metadata: { a: "b" },
    });
    await first.disk.flush();
    if (process.platform !== "win32")
      expect((await stat(join(folder, "responses.json"))).mode & 0o777).toBe(0o600);
    const second = setup();
    await second.disk.load();
    expect(second.store.resolve("x", { previousResponseId: "resp_2" })).toEqual(
      first.store.resolve("x", { previousResponseId: "resp_2" }),
    );
    expect(second.store.conversations.get(String(id))).toEqual(first.store.conversations.get(String(id)));
    expect(second.store.conversations.items(String(id))).toEqual(first.store.conversations.items(String(id)));
    expect(second.store.bytes).toBe(first.store.bytes);
    expect(second.store.resolve([{ type: "item_reference", id: "msg_resp_1" }], {})).toHaveLength(1);
    expect(said).toEqual([]);
  });

  it("are not written without the setting, and what was there is taken off", async () => {
    await writeFile(join(folder, "responses.json"), '{"version":1,"responses":[],"conversations":[]}');
    const { store, disk, settings, time } = setup({ onDisk: false });
    await disk.load();
    expect(await files()).toEqual([]);
    store.put(reply("resp_1", "one"), "hello");
    store.conversations.create();
    await time.run();
    await disk.flush();
    expect(await files()).toEqual([]);
    settings.onDisk = true;
    await disk.apply();
    expect(await readFile(join(folder, "responses.json"), "utf8")).toContain("hello");
    settings.onDisk = false;
    await disk.apply();
    expect(await files()).toEqual([]);
  });

  it("are not overwritten before they were read", async () => {
    const first = setup();
    await first.disk.load();
    first.store.put(reply("resp_1", "one"), "hello");
    await first.disk.flush();
    const second = setup();
    await second.disk.apply();
    await second.disk.flush();
    await second.disk.load();
    expect(second.store.get("resp_1")).toBeDefined();
  });

  it("are bounded by size, the latest stay", async () => {
    const { store, disk } = setup({ onDiskMaxBytes: 5000 });
    await disk.load();
    for (let n = 0; n < 50; n++) store.put(reply(`resp_${n}`, "x".repeat(300)), "y");
    await disk.flush();
    const text = await readFile(join(folder, "responses.json"), "utf8");
    expect(text.length).toBeLessThan(5200);
    expect(text).toContain("resp_49");
    expect(text).not.toContain("resp_30");
    expect(store.size).toBe(50);
  });

  it("are bounded by age, on the disk as well", async () => {
    const { store, disk, time } = setup({ onDiskMaxAgeMs: 60_000 });
    await disk.load();
    store.put(reply("resp_1", "one"), "hello");
    await time.run(time.now() + 10_000);
    await disk.flush();
    expect(await readFile(join(folder, "responses.json"), "utf8")).toContain("hello");
    const later = setup({ onDiskMaxAgeMs: 1000 });
    later.time.setTimeout(() => {}, 100_000);
    await later.time.run();
    await later.disk.load();
    expect(later.store.size).toBe(0);
    store.put(reply("resp_2", "two"), "again");
    await time.run();
    await disk.flush();
    expect(await readFile(join(folder, "responses.json"), "utf8")).not.toContain("again");
  });
});
