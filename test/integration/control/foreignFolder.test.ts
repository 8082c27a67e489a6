/** What a process that leads no longer does to a data folder: nothing. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { removeFolder } from "../../support/folder.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

vi.setConfig({ testTimeout: 60_000 });

let upstream: Upstream;
let opened: TestLead;
let lost: string[];
let release: () => void;

beforeEach(async () => {
  lost = [];
  release = () => {};
  upstream = await startUpstream((_received, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(`data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n`);
    release = () =>
      void res.end(
        `data: {"error":{"message":"Rate limit reached","type":"rate_limit_error","code":"rate_limit_exceeded"}}\n\n`,
      );
  });
  opened = await openLead({ onLost: (why) => void lost.push(why) });
  await opened.lead.call("accounts.add", {
    id: "one",
    provider: "custom",
    endpoints: { "openai-chat": `${upstream.url}/v1` },
    models: ["m"],
    apiKey: "sk-0123456789abcdef",
  });
  await opened.lead.start();
});
afterEach(async () => {
  await opened.close();
  await upstream.close();
});

/** Begins a stream, of which the rest is still to come. */
async function ask(): Promise<{ text: Promise<string> }> {
  const { proxy } = opened.lead.status();
  if (proxy.kind !== "running") throw new Error("it does not run");
  const reply = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  expect(reply.status).toBe(200);
  return { text: reply.text() };
}

/** What is in a folder, and when each was written; less the lock, which whoever looks at it opens. */
function contents(path: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(path).sort()) {
    if (name.startsWith("leader.db")) continue;
    const file = join(path, name);
    const { mtimeMs, ino } = statSync(file);
    found[name] = `${mtimeMs} ${ino} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
  }
  return found;
}

it("one that drains without the lock writes nothing, whatever still ends and is found out", async () => {
  const { text } = await ask();
  const { path, leader } = opened.folder;
  let lock: ReturnType<typeof tryLead>;
  let before: Record<string, string> | undefined;
  const closing = opened.lead.close(20_000, () => {
    // Somebody has it from the first, who does not say where it is to be found.
    lock = tryLead(leader);
    before = contents(path);
  });
  try {
    await vi.waitFor(() => expect(before).toBeDefined(), 10_000);
    release();
    expect(await text).toContain("Rate limit reached");
    await closing;
    expect(lock).toBeDefined();
    expect(Object.keys(before ?? {})).toContain("accounts.json");
    expect(contents(path)).toEqual(before);
    expect(opened.lines.join("\n")).toContain("1 requests were not recorded");
  } finally {
    lock?.release();
  }
});

it("one whose folder was replaced writes nothing into the other, with or without a request under way", async () => {
  const { path } = opened.folder;
  const aside = `${path}-aside`;
  const { text: before } = await ask();
  // The records' thread has opened its file: in the folder that is about to go.
  await opened.lead.call("requests.list", { limit: 1 });
  renameSync(path, aside);
  mkdirSync(path);
  try {
    writeFileSync(join(path, "accounts.json"), JSON.stringify({ version: 1, accounts: [], routes: [] }));
    const there = contents(path);
    await vi.waitFor(() => expect(lost).toHaveLength(1), 20_000);
    // It is found out now: there is something to be kept.
    const { text } = await ask();
    release();
    await text;
    const closing = opened.lead.close(300);
    expect(await before).toContain("error");
    await closing;
    expect(contents(path)).toEqual(there);
    expect(opened.lines.join("\n")).toContain("their data folder was replaced");
  } finally {
    await removeFolder(aside);
  }
});
