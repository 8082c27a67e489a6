import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { Agent } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AGAIN_AFTER_MS, MOST_WAITING, signed, Webhook } from "../../../src/gateway/notify/webhook.ts";
import { fakeClock } from "../../support/clock.ts";

const SECRET = "a secret of sixteen and more";
const agent = new Agent();

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string | undefined;
}

let got: Got[] = [];
/** What it answers, in turn; then 204. */
let answers: (number | "cut")[] = [];
let url = "";
const http = createServer((request, reply) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text: string) => {
    body += text;
  });
  request.on("end", () => {
    got.push({ headers: request.headers, body, path: request.url });
    const answer = answers.shift() ?? 204;
    if (answer === "cut") request.socket.destroy();
    else reply.writeHead(answer, answer === 302 ? { location: "/elsewhere" } : {}).end();
  });
});

beforeEach(async () => {
  got = [];
  answers = [];
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const address = http.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/hook`;
});
afterEach(async () => {
  http.closeAllConnections();
  await new Promise((done) => http.close(done));
});

function webhook() {
  const { clock, pass, timers } = fakeClock(1_700_000_000_000);
  const lines: string[] = [];
  const log = { debug: () => {}, warn: (line: string) => lines.push(line) };
  const hook = new Webhook({ url, secret: SECRET, clock, log, dispatcher: () => agent });
  /** Waits until it waits to try again, and lets that time pass. */
  const again = async (milliseconds: number) => {
    await expect.poll(() => timers.size).toBe(1);
    pass(milliseconds);
  };
  return { hook, lines, again, timers };
}

describe("a webhook", () => {
  it("gets a notice as JSON, signed with the time", async () => {
    const { hook } = webhook();
    hook.send({ event: "problem", message: "sagte: „grüß“" });
    await expect.poll(() => got.length).toBe(1);
    const { headers = {}, body = "" }: Partial<Got> = got[0] ?? {};
    expect(JSON.parse(body)).toEqual({ event: "problem", message: "sagte: „grüß“" });
    expect(headers["content-type"]).toBe("application/json");
    const hex = createHmac("sha256", SECRET).update(`1700000000.${body}`, "utf8").digest("hex");
    expect(headers["x-portico-signature"]).toBe(`t=1700000000,v1=${hex}`);
    expect(signed("another secret altogether", 1_700_000_000, body)).not.toContain(hex);
    expect(JSON.stringify(got)).not.toContain(SECRET);
    hook.close();
  });

  it("is tried again while it is down, in the order of the notices", async () => {
    answers = [503, "cut", 429];
    const { hook, again, lines } = webhook();
    hook.send({ n: 1 });
    hook.send({ n: 2 });
    for (const wait of AGAIN_AFTER_MS.slice(0, 3)) await again(wait);
    await expect.poll(() => got.length).toBe(5);
    expect(got.map(({ body }) => JSON.parse(body).n)).toEqual([1, 1, 1, 1, 2]);
    expect(lines).toEqual([]);
    hook.close();
  });

  it("is given up after the last try, and gets the next notice all the same", async () => {
    answers = AGAIN_AFTER_MS.map(() => 500);
    answers.push(500);
    const { hook, again, lines } = webhook();
    hook.send({ n: 1 });
    for (const wait of AGAIN_AFTER_MS) await again(wait);
    await expect.poll(() => lines).toEqual(["a notice was given up: the webhook did not take it"]);
    expect(got).toHaveLength(AGAIN_AFTER_MS.length + 1);
    hook.send({ n: 2 });
    await expect.poll(() => got.at(-1)?.body).toBe('{"n":2}');
    hook.close();
  });

  it.each([400, 401, 302])("that answers %i is not asked again, nor elsewhere", async (status) => {
    answers = [status];
    const { hook, lines } = webhook();
    hook.send({ n: 1 });
    hook.send({ n: 2 });
    await expect.poll(() => got.length).toBe(2);
    expect(got.map(({ path, body }) => `${path} ${body}`)).toEqual(['/hook {"n":1}', '/hook {"n":2}']);
    expect(lines).toHaveLength(1);
    hook.close();
  });

  it("keeps so many waiting, the newest, and none once it is closed", async () => {
    answers = [503];
    const { hook, again, lines, timers } = webhook();
    for (let n = 0; n <= MOST_WAITING + 5; n++) hook.send({ n });
    expect(lines).toHaveLength(5);
    await again(AGAIN_AFTER_MS[0]);
    await expect.poll(() => got.length).toBe(MOST_WAITING + 2);
    // The first is under way already.
    expect(got.map(({ body }) => JSON.parse(body).n).slice(1, 4)).toEqual([0, 6, 7]);
    answers = [503];
    hook.send({ n: 0 });
    await expect.poll(() => timers.size).toBe(1);
    hook.close();
    await expect.poll(() => timers.size).toBe(0);
    hook.send({ n: 1 });
    expect(got).toHaveLength(MOST_WAITING + 3);
  });
});
