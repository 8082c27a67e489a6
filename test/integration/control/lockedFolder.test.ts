/** A data folder that is full or cannot be written: the proxy obeys all the same, and says what was not kept. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLead, type TestLead } from "../../support/lead.ts";
import { lockFolder } from "../../support/lockedFolder.ts";

let open: TestLead;
let unlock: () => void;
beforeEach(async () => {
  open = await openLead();
  unlock = () => {};
});
afterEach(async () => {
  unlock();
  await open.close();
});

const notKept = (lead: TestLead) => lead.lead.status().problems.filter(({ cause }) => cause === "not-kept");
const causes = (lead: TestLead) => lead.lead.status().problems.map(({ cause }) => cause);
/** What no person should have to read. */
const RAW = /EROFS|EACCES|EPERM|ENOSPC|ENOENT|\.tmp|errno|syscall/;

describe("a data folder that cannot be written", () => {
  it("keeps nobody from stopping and starting, and is told until it can be", async () => {
    const client = await open.client();
    const started = await client.call("proxy.start", undefined);
    if (started.proxy.kind !== "running") throw new Error("it does not run");
    expect(started.problems).toEqual([]);
    unlock = lockFolder(open.folder.path);

    const stopped = await client.call("proxy.stop", undefined);
    expect(stopped.proxy).toEqual({ kind: "stopped" });
    await expect(fetch(`${started.proxy.baseUrl}/healthz`)).rejects.toThrow();
    const [problem] = stopped.problems.filter(({ cause }) => cause === "not-kept");
    expect(problem?.message).toMatch(/^That the proxy is off could not be saved: /);
    expect(problem?.message).toContain(open.folder.path);
    expect(problem?.message).not.toMatch(RAW);

    const again = await client.call("proxy.start", undefined);
    expect(again.proxy.kind).toBe("running");
    expect((await client.call("proxy.restart", undefined)).proxy.kind).toBe("running");
    expect(notKept(open)).toHaveLength(1);

    // Also before anything is to be kept, within seconds.
    await expect.poll(() => causes(open), { timeout: 15_000 }).toContain("data-folder");
    unlock();
    unlock = () => {};
    await client.call("proxy.stop", undefined);
    expect(notKept(open)).toEqual([]);
    await expect.poll(() => causes(open), { timeout: 15_000 }).toEqual([]);
    expect(JSON.parse(await readFile(open.folder.wanted, "utf8"))).toEqual({ proxy: "stopped" });
  });

  it("is told of in the same words, whatever was to be kept there", async () => {
    const client = await open.client();
    await client.call("accounts.add", { provider: "openai", apiKey: "sk-0123456789abcdef" });
    unlock = lockFolder(open.folder.path);
    const why = /^The (accounts|settings) could not be saved: (.+) \((.+)\)\. (.+)\.$/;
    const said = await Promise.all(
      [
        client.call("accounts.update", { id: "openai", priority: 3 }),
        client.call("accounts.remove", { id: "openai" }),
        client.call("settings.update", { "scheduling.strategy": "round-robin" }),
      ].map((call) => call.then(String, (error: Error) => error.message)),
    );
    for (const message of said) {
      expect(message).toMatch(why);
      expect(message).not.toMatch(RAW);
    }
    expect(new Set(said.map((message) => why.exec(message)?.slice(2).join("|"))).size).toBe(1);
    // Nothing has changed: neither what is in force, nor what is shown.
    expect((await client.call("accounts.list", undefined)).map(({ id, priority }) => [id, priority])).toEqual(
      [["openai", 0]],
    );
  });

  it("lets the leader end, and the next one lead", async () => {
    const client = await open.client();
    await client.call("proxy.start", undefined);
    unlock = lockFolder(open.folder.path);
    await open.lead.close(0);
    expect(open.lines.join("\n")).not.toMatch(RAW);
    unlock();
    unlock = () => {};
    await open.again();
    expect(open.lead.status().proxy.kind).toBe("stopped");
  });
});
