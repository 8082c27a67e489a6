/** Receivers of traces that are slow, refuse or are not there: no request notices, nor does the end. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { MOST_IN_BATCH, MOST_WAITING } from "../../../src/gateway/telemetry/sender.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { type OtlpReceiver, startReceiver } from "../../support/otlpReceiver.ts";
import { parsePrometheus } from "../../support/prometheus.ts";
import { seededSecret } from "../../support/secrets.ts";

/** Requests, of two spans each: more than wait and are under way. */
const MANY = (MOST_WAITING + MOST_IN_BATCH) / 2 + 100;

let receiver: OtlpReceiver;
let portico: TestGateway | undefined;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await receiver.close();
});

const telemetry = (more: object = {}) => ({ endpoint: receiver.url, ...more });

async function start(settings: SettingsInput): Promise<TestGateway> {
  portico = await startGateway(settings);
  return portico;
}

async function ask({ baseUrl }: TestGateway): Promise<number> {
  const reply = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hi" }] }),
  });
  await reply.text();
  return reply.status;
}

async function askMany(gateway: TestGateway, count: number): Promise<Set<number>> {
  const statuses = new Set<number>();
  let left = count;
  const client = async () => {
    while (left-- > 0) statuses.add(await ask(gateway));
  };
  await Promise.all(Array.from({ length: 20 }, client));
  return statuses;
}

async function counts({ baseUrl }: TestGateway): Promise<Record<string, number>> {
  const families = parsePrometheus(await (await fetch(`${baseUrl}/metrics`)).text());
  const { samples = [] } = families.get("portico_trace_spans_total") ?? {};
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.outcome, value]));
}

describe("a receiver", () => {
  const hanging = async () => {
    receiver.answer = () => true;
    return receiver.url;
  };
  const refusing = (status: number) => async () => {
    receiver.answer = (res) => res.writeHead(status, { "retry-after": "60" }).end() !== undefined;
    return receiver.url;
  };
  const closing = async () => {
    receiver.answer = (res) => res.destroy() !== undefined;
    return receiver.url;
  };
  const absent = async () => {
    const { url } = await startReceiver().then(async (other) => {
      await other.close();
      return other;
    });
    return url;
  };
  it.each([
    ["hangs", hanging],
    ["answers 415", refusing(415)],
    ["answers 429", refusing(429)],
    ["hangs up", closing],
    ["is not there", absent],
  ] as const)("that %s costs no request, and the end no more than a moment", async (_how, prepare) => {
    const endpoint = await prepare();
    const gateway = await start({ telemetry: telemetry({ endpoint, timeoutMs: 60_000 }) });
    expect(await askMany(gateway, MANY)).toEqual(new Set([200]));
    const { sent, dropped } = await counts(gateway);
    expect(sent).toBe(0);
    expect(dropped).toBeGreaterThanOrEqual(200);
    const began = performance.now();
    await gateway.stop();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(gateway.log.filter((line) => /spans/.test(line)).length).toBeLessThanOrEqual(3);
  });

  it("is another one, and none, as the settings change, without a restart", async () => {
    const gateway = await start({ telemetry: telemetry() });
    await ask(gateway);
    const other = await startReceiver();
    const settings = settingsSchema.parse({ port: 0 });
    await gateway.gateway.apply({ ...settings, telemetry: { ...settings.telemetry, endpoint: other.url } });
    await ask(gateway);
    await gateway.gateway.apply(settings);
    await ask(gateway);
    // What waited for them is sent.
    await expect.poll(() => receiver.spans.length).toBe(2);
    await expect.poll(() => other.spans.length).toBe(2);
    await gateway.stop();
    expect([receiver.spans.length, other.spans.length]).toEqual([2, 2]);
    await other.close();
  });

  it("knows Portico by headers of the secret store, where the settings have none", async () => {
    const secret = seededSecret("otlp");
    for (const stored of [
      JSON.stringify({ authorization: `Bearer ${secret}` }),
      `authorization=Bearer%20${secret}`,
    ]) {
      portico = await startGateway(
        { telemetry: telemetry() },
        {
          secrets: {
            get: async (key) => (key === "telemetry.headers" ? stored : undefined),
            set: async () => {},
            delete: async () => {},
          },
        },
      );
      await ask(portico);
      await portico.stop();
      expect(receiver.batches.at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
    }
  });

  it("is not asked while those headers cannot be read, which is said without them", async () => {
    let stored = "none, SEEDED";
    const gateway = await startGateway(
      { telemetry: telemetry() },
      { secrets: { get: async () => stored, set: async () => {}, delete: async () => {} } },
    );
    portico = gateway;
    expect(await ask(gateway)).toBe(200);
    expect(gateway.log.join()).toContain("traces cannot be sent");
    stored = "x-scope: otters";
    await gateway.gateway.apply(settingsSchema.parse({ port: 0, telemetry: telemetry() }));
    expect(await ask(gateway)).toBe(200);
    await gateway.stop();
    expect(receiver.spans).toHaveLength(2);
    expect(receiver.batches[0]?.headers["x-scope"]).toBe("otters");
  });

  it("is not waited for where the secret store hangs", async () => {
    const { promise } = deferred<string>();
    portico = await startGateway(
      { telemetry: telemetry() },
      { secrets: { get: () => promise, set: async () => {}, delete: async () => {} } },
    );
    expect(await ask(portico)).toBe(200);
  });

  it("that is in the net without TLS is warned of where it gets headers", async () => {
    const gateway = await start({
      telemetry: { endpoint: "http://otel.invalid:4318", headers: { authorization: seededSecret("otlp") } },
    });
    await gateway.stop();
    expect(gateway.log.join()).toContain("without TLS");
  });
});
