/** What a webhook has not taken when the gateway stops is sent when it starts again. */
import { createServer } from "node:http";
import { join } from "node:path";
import { Agent } from "undici";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Problem } from "../../../src/control/contract.ts";
import { Notifier } from "../../../src/gateway/notify/notifier.ts";
import { Webhook } from "../../../src/gateway/notify/webhook.ts";
import { fakeClock } from "../../support/clock.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let folder = "";
beforeEach(() => {
  folder = makeFolder("notifier");
});
afterEach(() => removeFolder(folder));

const problem = (account: string): Problem => ({
  severity: "error",
  account,
  cause: "credential",
  message: "refused",
});

it("tells nothing twice, and nothing never, over a stop", async () => {
  const got: { id: string; account: { id: string } }[] = [];
  let status = 503;
  const http = createServer((request, reply) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      if (status === 204) got.push(JSON.parse(body));
      reply.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const address = http.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/hook`;
  const agent = new Agent();
  const { clock, timers } = fakeClock(1_700_000_000_000);
  const log = { debug: () => {}, warn: () => {} };
  const open = () =>
    Notifier.open({
      webhook: new Webhook({ url, secret: "a secret of sixteen", clock, log, dispatcher: () => agent }),
      file: join(folder, "notices.json"),
      now: () => clock.now(),
      log,
      accounts: async () => [],
    });
  try {
    const first = await open();
    first.look([problem("a"), problem("b")]);
    // It waits to try again.
    await expect.poll(() => timers.size).toBe(1);
    await first.close();
    expect(got).toEqual([]);

    status = 204;
    const second = await open();
    second.look([problem("a"), problem("b"), problem("c")]);
    await expect.poll(() => got.map(({ account }) => account.id)).toEqual(["a", "b", "c"]);
    await second.close();

    const third = await open();
    third.look([problem("a"), problem("b"), problem("c"), problem("d")]);
    await expect.poll(() => got.length).toBe(4);
    expect(new Set(got.map(({ id }) => id)).size).toBe(4);
    await third.close();
  } finally {
    await agent.close();
    http.closeAllConnections();
    await new Promise((done) => http.close(done));
  }
});
