/** Two Porticos of one person on one port: two editors, or an editor and the command line. */
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { freePort } from "../../support/port.ts";

let runtimeDir: string;
let open: TestLead[];
beforeEach(() => {
  runtimeDir = makeFolder("runtime");
  open = [];
});
afterEach(async () => {
  for (const portico of open) await portico.close();
  await removeFolder(runtimeDir);
});

async function portico(port: number, more: Parameters<typeof openLead>[0] = {}): Promise<TestLead> {
  const lead = await openLead({ runtimeDir, window: { port }, ...more });
  open.push(lead);
  return lead;
}

it("the second says which one has the port, and opens that one's dashboard", async () => {
  const port = await freePort();
  const first = await portico(port, { pages: join(import.meta.dirname, "../../../dist/webviews") });
  expect((await first.lead.call("proxy.start", undefined)).proxy.kind).toBe("running");
  const second = await portico(port);
  const { proxy } = await second.lead.call("proxy.start", undefined);
  expect(proxy).toMatchObject({
    kind: "failed",
    reason: "port-in-use",
    holder: expect.stringMatching(/^another Portico \d/),
    other: `http://127.0.0.1:${port}`,
    message: expect.stringMatching(/Use that one, or choose another port\.$/),
  });
  // What it offers to use does serve.
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);

  const link = await (await second.client()).call("dashboard.link", { port });
  const own = await first.lead.call("dashboard.link", undefined);
  expect(new URL(link.url).origin).toBe(new URL(own.url).origin);
  expect(link.url).not.toBe(own.url);
  expect(await second.lead.call("dashboard.link", { port, file: true })).toHaveProperty("file");

  // Nothing was started here meanwhile, and another port works.
  expect((await second.lead.call("status.get", undefined)).proxy.kind).toBe("failed");
  const other = await second.lead.call("proxy.start", { port: await freePort() });
  expect(other.proxy.kind).toBe("running");
});

it("what is no Portico is named, and nothing of it is offered", async () => {
  const server = await new Promise<Server>((resolve) => {
    const holder = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1", () => resolve(holder));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { lead } = await portico(address.port);
  const { proxy } = await lead.call("proxy.start", undefined);
  expect(proxy).toMatchObject({ kind: "failed", reason: "port-in-use" });
  expect(proxy).not.toHaveProperty("other");
  await expect(lead.call("dashboard.link", { port: address.port })).rejects.toThrow(
    "No dashboard of the other Portico can be opened from here.",
  );
  await new Promise((resolve) => server.close(resolve));
});

it("one without a dashboard, or that this user cannot ask, opens none", async () => {
  const port = await freePort();
  const first = await portico(port);
  await first.lead.call("proxy.start", undefined);
  const second = await portico(port);
  await second.lead.call("proxy.start", undefined);
  await expect(second.lead.call("dashboard.link", { port })).rejects.toThrow("can be opened from here");
  const third = await portico(port, { runtimeDir: join(runtimeDir, "elsewhere") });
  await expect(third.lead.call("dashboard.link", { port })).rejects.toThrow("can be opened from here");
});
