import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import fc from "../../support/property.ts";
import { hasRecordings, recordings, sseText, wireEvents } from "../../support/recordings.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

const PATHS: Readonly<Record<Protocol, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages?beta=true",
  gemini: "/v1beta/models/m:streamGenerateContent?alt=sse",
};

/** Unusual on purpose: order, white space, escapes, numbers and unknown fields have to survive. */
const BODIES: Readonly<Record<Protocol, string>> = {
  "openai-chat":
    '{"new_field":{"b":1.0,"a":[ ]},\n "messages":[{"role":"user","content":"h\\u00e9 \\"model\\""}],"model":"m","stream":true,"temperature":1e0}',
  "openai-responses": '{"input":[{"type":"new_item","x":1}], "model":"m","stream":true ,"n":1.50}',
  anthropic:
    '{"max_tokens":10,"messages":[{"role":"user","content":[{"type":"new_block","z":0.10}]}],"stream":true,"model":"m"}',
  gemini: '{"contents":[{"parts":[{"text":"x","newField":true}]}],"generationConfig":{"temperature":0.50}}',
};

describe.skipIf(!hasRecordings)(
  "passthrough on recorded streams (skipped without ../shared/recordings)",
  () => {
    let upstream: Upstream;
    let portico: TestGateway;
    beforeAll(async () => {
      upstream = await startUpstream(() => {});
    });
    // A gateway each: what is learned from one provider's error is not for the next recording.
    beforeEach(async () => {
      portico = await startGateway({
        accounts: [
          {
            id: "mine",
            provider: "custom",
            endpoints: {
              "openai-chat": `${upstream.url}/v1`,
              "openai-responses": `${upstream.url}/v1`,
              anthropic: upstream.url,
              gemini: upstream.url,
            },
            credentials: { apiKey: "provider-key" },
            models: ["m"],
          },
        ],
      });
    });
    afterEach(() => portico.stop());
    afterAll(() => upstream.close());

    for (const protocol of PROTOCOLS) {
      const all = recordings(protocol);
      it.each(all.filter((one) => one.kind === "stream"))(
        `${protocol}: $name goes through byte for byte`,
        async (recording) => {
          const bytes = Buffer.from(sseText(wireEvents(recording)));
          // Cut where a network may cut: anywhere, inside characters as well.
          const cuts =
            fc.sample(fc.array(fc.nat(bytes.length), { minLength: 5, maxLength: 40 }), {
              numRuns: 1,
              seed: bytes.length,
            })[0] ?? [];
          upstream.script = async (_received, res) => {
            res.writeHead(200, { "content-type": "text/event-stream", "x-new-header": "kept" });
            let at = 0;
            for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
              res.write(bytes.subarray(at, cut));
              at = cut;
              await new Promise((resolve) => setImmediate(resolve));
            }
            res.end();
          };
          const reply = await fetch(portico.baseUrl + PATHS[protocol], {
            method: "POST",
            headers: { "content-type": "application/json", "anthropic-beta": "a,b" },
            body: BODIES[protocol],
          });
          const errors = firstIsError(recording.text);
          expect(
            Buffer.from(await reply.arrayBuffer()).equals(errors === undefined ? bytes : Buffer.from(errors)),
          ).toBe(true);
          if (errors === undefined) {
            expect(reply.status).toBe(200);
            expect(reply.headers.get("x-new-header")).toBe("kept");
          }
          const received = upstream.received.at(-1);
          expect(received?.body.toString()).toBe(BODIES[protocol]);
          expect(received?.headers["anthropic-beta"]).toBe("a,b");
        },
      );

      it.each(all.filter((one) => one.kind === "reply"))(
        `${protocol}: $name goes through byte for byte`,
        async ({ text, name }) => {
          const bytes = Buffer.from(text);
          const isError = /^\s*\{\s*"error"/.test(text);
          upstream.script = (_received, res) => {
            res.writeHead(isError ? 400 : 200, { "content-type": "application/json" });
            res.end(bytes);
          };
          const path = PATHS[protocol].replace("streamGenerateContent?alt=sse", "generateContent");
          const body = BODIES[protocol].replace('"stream":true', '"stream":false');
          const reply = await fetch(portico.baseUrl + path, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body,
          });
          expect(Buffer.from(await reply.arrayBuffer()).equals(bytes)).toBe(true);
          if (!isError) expect(reply.status).toBe(200);
          expect(name).not.toBe("");
        },
      );
    }
  },
);

/** A stream that begins with an error is answered as that error, with its own status. */
function firstIsError(text: string): string | undefined {
  const first = text.split("\n", 1)[0] ?? "";
  return /^\{"type":"error"|^\{"error"/.test(first) ? first : undefined;
}
