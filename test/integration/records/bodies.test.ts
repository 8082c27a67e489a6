/** Headers and bodies, recorded only where the person wants that, and never with what must not be kept. */
import { afterEach, describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { recordSettings, requestRecord, type TestRecords, testRecords } from "../../support/records.ts";

let open: TestRecords;
let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await open.end();
});

const CLIENT_KEY = "client-key-0123456789";
const ACCOUNT_KEY = "the-account's-own-secret";

async function start(records: SettingsInput["records"]): Promise<void> {
  const secrets = [ACCOUNT_KEY];
  open = testRecords({ records }, { secrets: () => secrets });
  gateway = await startGateway({ records }, {}, { onRecord: (record) => open.records.add(record) });
}

/** Asks the sandbox to say it. @returns the request's id */
async function say(
  text: string,
  more: Readonly<Record<string, unknown>> = {},
  content?: unknown,
): Promise<string> {
  const response = await fetch(`${gateway?.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${CLIENT_KEY}`,
      cookie: "session=cookie-value-42",
      "x-title": "My program",
    },
    body: JSON.stringify({
      model: "sandbox/echo",
      messages: [{ role: "user", content: content ?? text }],
      ...more,
    }),
  });
  expect(response.status).toBe(200);
  await response.text();
  const id = response.headers.get("x-request-id") ?? "";
  await gateway?.recorded((record) => record.id === id);
  await open.records.flush();
  return id;
}

describe("bodies", () => {
  it("are not kept unless the person wants it", async () => {
    await start({});
    const details = await open.records.get({ id: await say("hello there") });
    expect(details).not.toHaveProperty("headers");
    expect(details).not.toHaveProperty("requestBody");
    expect(details).not.toHaveProperty("replyBody");
    expect(await open.records.curl({ id: details.id }, "http://127.0.0.1:8045")).toMatchObject({
      complete: false,
    });
    expect((await open.records.recorded(details.id)).complete).toBe(false);
    expect(gateway?.records[0]).not.toHaveProperty("bodies");
  });

  it("are kept with headers, of streams as well, and can be sent again", async () => {
    await start({ bodies: true });
    const details = await open.records.get({ id: await say("it's here", { stream: true }) });
    expect(JSON.parse(details.requestBody?.text ?? "")).toMatchObject({
      model: "sandbox/echo",
      stream: true,
    });
    expect(details.requestBody?.cut).toBe(false);
    expect(details.requestBody?.bytes).toBe(details.bytesIn);
    expect(details.replyBody?.text).toContain("data: [DONE]");
    expect(details.replyBody?.cut).toBe(false);
    expect(details.headers).toContainEqual(["x-title", "My program"]);
    const { command, complete } = await open.records.curl({ id: details.id }, "http://127.0.0.1:8045");
    expect(complete).toBe(true);
    expect(command).toContain("curl -X POST 'http://127.0.0.1:8045/v1/chat/completions'");
    expect(command).toContain("Bearer YOUR_KEY");
    expect(command).toContain("it'\\''s here");
    expect(command).not.toContain(CLIENT_KEY);
    expect(await open.records.recorded(details.id)).toMatchObject({ method: "POST", complete: true });
    expect(await open.records.storage()).toMatchObject({ bodies: { rows: 1 } });
  });

  it("hold no secret, wherever it stands", async () => {
    await start({ bodies: true });
    const secrets = [CLIENT_KEY, ACCOUNT_KEY, "sk-proj-abcdefghijklmnopqrstuvwx", "cookie-value-42"];
    const details = await open.records.get({ id: await say(`please say ${secrets.join(" and ")} once`) });
    const written = JSON.stringify(details);
    for (const secret of secrets) expect(written).not.toContain(secret);
    expect(details.requestBody?.text).toContain("please say [redacted] and");
    // A stream says it word by word, which read one after the other are the secret again.
    const stream = await open.records.get({ id: await say(`say ${ACCOUNT_KEY}, please`, { stream: true }) });
    const said = [...(stream.replyBody?.text ?? "").matchAll(/"content":"([^"]*)"/g)].map(
      ([, piece]) => piece,
    );
    expect(said.join("")).toContain("say [redacted], please");
    const named = new Map(details.headers);
    expect(named.get("authorization")).toBe("[redacted]");
    expect(named.get("cookie")).toBe("[redacted]");
  });

  it("hold no pictures and files", async () => {
    await start({ bodies: true });
    const picture = "iVBORw0KGgo".repeat(3000);
    const url = `data:image/png;base64,${picture}`;
    const content = [
      { type: "text", text: "look at this" },
      { type: "image_url", image_url: { url } },
      { type: "file", file: { filename: "a.pdf", file_data: picture } },
    ];
    const { requestBody } = await open.records.get({ id: await say("look at this", {}, content) });
    expect(requestBody?.text).not.toContain("iVBORw0KGgoiVBORw0KGgo");
    expect(requestBody?.text).toContain("data:image/png;base64,[left out]");
    expect(requestBody?.text).toContain(`[${picture.length} characters of data left out]`);
    expect(requestBody?.bytes).toBeGreaterThan(2 * picture.length);
    expect(requestBody?.cut).toBe(true);
  });

  it("hold text alone", async () => {
    await start({ bodies: true });
    const raw = (contentType: string, encoding?: string) => ({
      bytes: Buffer.from("anything"),
      total: 8,
      contentType,
      ...(encoding === undefined ? {} : { encoding }),
    });
    const record = requestRecord({
      bodies: {
        headers: [],
        request: raw("multipart/form-data; boundary=x"),
        reply: raw("application/json", "gzip"),
      },
    });
    open.records.add(record);
    await open.records.flush();
    const { requestBody, replyBody } = await open.records.get({ id: record.id });
    expect(requestBody).toEqual({
      text: "[multipart/form-data; boundary=x: not recorded]",
      bytes: 8,
      cut: true,
    });
    expect(replyBody).toEqual({ text: "[gzip: not recorded]", bytes: 8, cut: true });
  });

  it("are cut at the cap, between characters", async () => {
    await start({ bodies: true, bodyMaxBytes: 1024 });
    const { requestBody, replyBody } = await open.records.get({ id: await say("ä ".repeat(5000)) });
    for (const body of [requestBody, replyBody]) {
      expect(Buffer.byteLength(body?.text ?? "")).toBeLessThanOrEqual(1024);
      expect(body?.text).not.toContain("\uFFFD");
      expect(body?.cut).toBe(true);
      expect(body?.bytes).toBeGreaterThan(15_000);
    }
  });

  it("go after their hours, and when there are too many; the requests stay", async () => {
    let now = Date.now();
    const records = { bodies: true, bodiesMaxBytes: 1024 * 1024, bodiesMaxHours: 2 };
    const clock = { now: () => now, monotonic: () => now, setTimeout: () => ({ cancel: () => {} }) };
    open = testRecords({ records }, { clock });
    const text = "some words ".repeat(1000);
    const bytes = Buffer.from(text);
    const raw = { bytes, total: bytes.length, contentType: "text/plain" };
    const add = (time: number) =>
      open.records.add(requestRecord({ time, bodies: { headers: [], request: raw } }));
    for (let n = 0; n < 150; n++) add(now);
    const settled = async (fits: (rows: number) => boolean) => {
      for (;;) {
        const { bodies, requests } = await open.records.storage();
        if (fits(bodies.rows)) return { bodies, requests };
      }
    };
    await open.records.list();
    await open.records.sweep();
    const { bodies } = await settled((rows) => rows > 0 && rows < 150);
    expect(bodies.bytes).toBeLessThanOrEqual(records.bodiesMaxBytes);
    expect(bodies.rows).toBeGreaterThan(80);
    now += 3 * 3_600_000;
    await open.records.sweep();
    expect((await settled((rows) => rows === 0)).requests.rows).toBe(150);
    open.records.configure(recordSettings({ records: { ...records, maxAgeDays: 1 } }));
    now += 2 * 86_400_000;
    await open.records.sweep();
    for (;;) if ((await open.records.storage()).requests.rows === 0) break;
  });
});
