/** Answers by a schema whose names Anthropic refuses: the client reads its own names, streamed and whole. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { misreadings, type Rig, startRig, warningsOf } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const LONG = "settings.".repeat(10);
const schema = {
  type: "object",
  properties: {
    $filter: { type: "string" },
    [LONG]: {
      type: "array",
      items: {
        type: "object",
        properties: { "a b": { type: "string" } },
        required: ["a b"],
        additionalProperties: false,
      },
    },
    plain: { type: "string" },
  },
  required: ["$filter", LONG, "plain"],
  additionalProperties: false,
};
const ASK = {
  "openai-chat": {
    response_format: { type: "json_schema", json_schema: { name: "out", schema, strict: true } },
  },
  "openai-responses": { text: { format: { type: "json_schema", name: "out", schema, strict: true } } },
  gemini: { responseMimeType: "application/json", responseJsonSchema: schema },
} as const;
type Client = keyof typeof ASK;

it.each(
  PROTOCOLS.filter((client): client is Client => client !== "anthropic").flatMap((client) =>
    [true, false].map((stream) => ({ client, stream })),
  ),
)("for $client (stream: $stream)", async ({ client, stream }) => {
  const sent = async (): Promise<string[]> => {
    await rig.talk(client, "anthropic/claude-opus-4-8").ask({ text: "hi" }, stream, ASK[client]);
    const config = rig.sent.at(-1)?.body.output_config as { format: { schema: typeof schema } } | undefined;
    return Object.keys(config?.format.schema.properties ?? {});
  };
  rig.scene = { ...HELLO, text: "{}" };
  const [filter = "", long = "", plain] = await sent();
  expect([filter, plain]).toEqual(["_filter", "plain"]);
  expect(long).toMatch(/^settings\.[a-zA-Z0-9_.-]{1,55}$/);
  const answer = { [filter]: "_filter", [long]: [{ a_b: '"a_b":' }], plain: "ü" };
  rig.scene = { ...HELLO, text: JSON.stringify(answer, null, 1) };
  const { text } = await rig
    .talk(client, "anthropic/claude-opus-4-8")
    .ask({ text: "hi" }, stream, ASK[client]);
  expect(JSON.parse(text)).toEqual({ $filter: "_filter", [LONG]: [{ "a b": '"a_b":' }], plain: "ü" });
  expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
  expect(await warningsOf(rig)).toBe("");
  expect(rig.refused).toEqual([]);
});
