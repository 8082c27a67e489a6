/** A disk that is full: the proxy obeys, what was not kept is said in one way, and all goes on once there is room. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLead, type TestLead } from "../../support/lead.ts";
import { type SmallDisk, smallDisk } from "../../support/smallDisk.ts";

let disk: SmallDisk;
let open: TestLead | undefined;
beforeEach(() => {
  disk = smallDisk(4096);
});
afterEach(async () => {
  await open?.close();
  open = undefined;
  await disk.end();
});

/** What no person should have to read. */
const RAW = /EROFS|EACCES|EPERM|ENOSPC|ENOENT|\.tmp|errno|errcode|syscall|SQLITE/;
const problems = (lead: TestLead) =>
  lead.lead.status().problems.map(({ cause, message }) => ({ cause, message }));

async function ask(baseUrl: string): Promise<void> {
  const reply = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "hello" }] }),
  });
  expect(reply.status).toBe(200);
  expect(await reply.text()).toContain("hello");
}

/** Whoever may not mount anything has no such disk. */
const canMount = (() => {
  const probe = smallDisk(64);
  void probe.end();
  return probe.fill !== undefined;
})();

describe.skipIf(!canMount)("a full disk (needs to mount one)", () => {
  async function lead() {
    open = await openLead({}, join(disk.folder, "data"));
    const client = await open.client();
    const { proxy } = await client.call("proxy.start", undefined);
    if (proxy.kind !== "running") throw new Error("it does not run");
    await ask(proxy.baseUrl);
    await expect.poll(async () => (await client.call("requests.list", { limit: 10 })).total).toBe(1);
    return { lead: open, client, baseUrl: proxy.baseUrl };
  }

  it("keeps nobody from stopping, is told in the same words for all, and nothing is missing afterwards", async () => {
    const { lead: leading, client, baseUrl } = await lead();
    const free = disk.fill?.() ?? (() => {});
    const stopped = await client.call("proxy.stop", undefined);
    expect(stopped.proxy).toEqual({ kind: "stopped" });
    await expect(fetch(`${baseUrl}/healthz`)).rejects.toThrow();

    const started = await client.call("proxy.start", undefined);
    if (started.proxy.kind !== "running") throw new Error("it does not run");
    const total = 300;
    for (let n = 1; n < total; n++) await ask(started.proxy.baseUrl);

    const said = await Promise.all(
      [
        client.call("accounts.add", { provider: "openai", apiKey: "sk-0123456789abcdef" }),
        client.call("settings.update", { "scheduling.strategy": "round-robin" }),
      ].map((call) => call.then(String, (error: Error) => error.message)),
    );
    await expect
      .poll(() => problems(leading).filter(({ message }) => message.includes("disk is full")).length, {
        timeout: 20_000,
      })
      .toBeGreaterThanOrEqual(2);
    const messages = [...said, ...problems(leading).map(({ message }) => message)];
    for (const message of messages) {
      expect(message).toMatch(/the disk is full/i);
      expect(message).toContain("Free some space");
      expect(message).not.toMatch(RAW);
    }
    expect(leading.lines.join("\n")).not.toMatch(RAW);

    free();
    await expect.poll(() => problems(leading), { timeout: 40_000 }).toEqual([]);
    expect((await client.call("requests.list", { limit: 1 })).total).toBe(total);
    await client.call("proxy.stop", undefined);
    expect(JSON.parse(await readFile(leading.folder.wanted, "utf8"))).toEqual({ proxy: "stopped" });
    expect(leading.lines.join("\n")).not.toMatch(RAW);
  }, 120_000);

  it("counts what it could not keep to the end, and says why", async () => {
    const { lead: leading, baseUrl } = await lead();
    const free = disk.fill?.() ?? (() => {});
    for (let n = 0; n < 300; n++) await ask(baseUrl);
    await leading.lead.close(0);
    const last = leading.lines.filter((line) => line.includes("not recorded")).at(-1) ?? "";
    const lost = Number(/(\d+) requests were not recorded\. .*the disk is full/.exec(last)?.[1] ?? 0);
    expect(lost).toBeGreaterThan(0);
    expect(leading.lines.join("\n")).not.toMatch(RAW);
    free();
    await leading.again();
    const client = await leading.client();
    await expect
      .poll(async () => (await client.call("requests.list", { limit: 1 })).total, { timeout: 20_000 })
      .toBe(301 - lost);
  }, 120_000);
});
