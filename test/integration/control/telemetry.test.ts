/** Traces over the control API of a real leader: where they go, and headers that are kept as a secret. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLead, type TestLead } from "../../support/lead.ts";
import { type OtlpReceiver, startReceiver } from "../../support/otlpReceiver.ts";
import { leaksIn, leaksInFolder, seededSecret } from "../../support/secrets.ts";

let portico: TestLead;
let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await portico.close();
  await receiver.close();
});

async function ask({ lead }: TestLead): Promise<void> {
  const { proxy } = await lead.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
  const reply = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hi" }] }),
  });
  await reply.text();
}

describe("traces, in VS Code", { timeout: 60_000 }, () => {
  it("go where its settings say, as they change, known by headers that were kept", async () => {
    portico = await openLead();
    const { lead, secrets, lines } = portico;
    const over = await portico.client();
    expect(await over.call("telemetry.get", undefined)).toEqual({
      content: false,
      headers: "none",
      sent: 0,
      dropped: 0,
    });
    const [first, second] = [seededSecret("otlp"), seededSecret("otlp")];
    const kept = await over.call("telemetry.setHeaders", {
      headers: `authorization: Bearer ${first}\nx-scope: otters\n`,
    });
    expect(kept).toMatchObject({ headers: "stored" });
    expect([...secrets.keys()]).toContain("telemetry.headers");
    const telemetry = { endpoint: receiver.url, content: true };
    await lead.applyWindow({ port: 0, telemetry });
    await ask(portico);
    // Others hold at once; what waits is sent before that.
    await over.call("telemetry.setHeaders", { headers: `authorization=Bearer%20${second}` });
    await ask(portico);
    await over.call("telemetry.setHeaders", { headers: "" });
    expect(secrets.has("telemetry.headers")).toBe(false);
    await ask(portico);
    await lead.applyWindow({ port: 0 });
    await ask(portico);
    await expect.poll(() => receiver.spans.length).toBe(6);
    expect(receiver.batches.map(({ headers }) => headers.authorization).sort()).toEqual(
      [`Bearer ${first}`, `Bearer ${second}`, undefined].sort(),
    );
    expect(receiver.spans.filter(({ attributes }) => "gen_ai.input.messages" in attributes)).toHaveLength(3);
    const view = await over.call("telemetry.get", undefined);
    expect(view).toEqual({ content: false, headers: "none", sent: 6, dropped: 0 });
    const { text } = await over.call("diagnostics.get", undefined);
    const said = JSON.stringify([lines, text, await over.call("settings.get", undefined), view]);
    expect(leaksIn("what is said", said)).toEqual([]);
    expect(await leaksInFolder(portico.folder.path)).toEqual([]);
  });

  it("are shown without what may be secret in an address, and hosts are not reported", async () => {
    portico = await openLead({
      window: { port: 0, telemetry: { endpoint: "https://otel.holt.example/in?token=SEEDED" } },
    });
    const over = await portico.client();
    await portico.lead.call("proxy.start", undefined);
    expect(await over.call("telemetry.get", undefined)).toMatchObject({
      url: "https://otel.holt.example/in/v1/traces",
    });
    const { text } = await over.call("diagnostics.get", undefined);
    expect(text).not.toContain("holt.example");
  });

  it.each(["Bearer SEEDED-without-a-name", "content-type: SEEDED", "a: b\nSEEDED"])(
    "are not known by %j, which is said without it",
    async (headers) => {
      portico = await openLead();
      const refused = await portico.lead
        .call("telemetry.setHeaders", { headers })
        .catch((error: Error) => error);
      expect(String(refused)).toContain("name: value");
      expect(String(refused)).not.toContain("SEEDED");
      expect(portico.secrets.has("telemetry.headers")).toBe(false);
    },
  );

  it("have their headers in the config file where that has some", async () => {
    portico = await openLead({
      kind: "headless",
      window: {
        port: 0,
        telemetry: { endpoint: receiver.url, headers: { authorization: seededSecret("otlp") } },
      },
    });
    expect(await portico.lead.call("telemetry.get", undefined)).toMatchObject({ headers: "config" });
    await expect(portico.lead.call("telemetry.setHeaders", { headers: "a: b" })).rejects.toThrow(
      "config file",
    );
  });
});
