/** Fields that OpenAI's two protocols share, and no other has. */
import { expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";

const OPENAI = ["openai-chat", "openai-responses"] as const;
const said = {
  "openai-chat": { messages: [{ role: "user", content: "hi" }] },
  "openai-responses": { input: "hi" },
};

function encode(client: (typeof OPENAI)[number], target: Protocol, fields: object, provider = "openai") {
  const warnings: string[] = [];
  const request = CODECS[client].decodeRequest(
    { model: "gpt-5.6-sol", ...said[client], ...fields },
    { model: "gpt-5.6-sol", stream: false },
  );
  const body = CODECS[target].encodeRequest(request, {
    provider,
    autoCache: false,
    warn: (feature) => warnings.push(feature),
  });
  return { body, warnings };
}

it.each(OPENAI.map((client) => ({ client, target: OPENAI.find((other) => other !== client) ?? client })))(
  "keeps `include_obfuscation` from $client to $target, beside a stream alone",
  ({ client, target }) => {
    const options = { include_obfuscation: false };
    const streamed = encode(client, target, { stream: true, stream_options: options });
    expect(streamed.body.stream_options).toMatchObject(options);
    expect(streamed.warnings).toEqual([]);
    const whole = encode(client, target, { stream_options: options });
    expect(whole.body).not.toHaveProperty("stream_options");
    expect(whole.warnings).toEqual([]);
    for (const other of ["anthropic", "gemini"] as const)
      expect(encode(client, other, { stream: true, stream_options: options }).warnings).toEqual([
        "stream_options",
      ]);
  },
);

it("gives others no field that only OpenAI is known to take", () => {
  const fields = { stream: true, stream_options: { include_obfuscation: false } };
  const { body, warnings } = encode("openai-chat", "openai-responses", fields, "groq");
  expect(body).not.toHaveProperty("stream_options");
  expect(warnings).toEqual(["stream_options"]);
});
