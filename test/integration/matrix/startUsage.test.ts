/** What an Anthropic client hears of its tokens: about how many at once, and exactly at the end. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { MODELS, type Rig, sseEvents, startRig } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

it.each(["openai-chat", "openai-responses", "gemini"] as const)("of a %s account", async (target) => {
  const text = "Twenty characters… ".repeat(400);
  rig.scene = HELLO;
  await rig.talk("anthropic", `${target}/${MODELS[target].plain}`).ask({ text }, true);
  const events = sseEvents((await rig.seen()).text).map(
    ({ data }) => JSON.parse(data) as Record<string, never>,
  );
  const start: unknown = Reflect.get(events.find(({ type }) => type === "message_start") ?? {}, "message");
  const first = Number(Reflect.get(Reflect.get(Object(start), "usage") as object, "input_tokens"));
  // Gemini tells it with its first chunk.
  if (target === "gemini") expect(first).toBeGreaterThan(0);
  else {
    expect(first).toBeGreaterThan(text.length / 6);
    expect(first).toBeLessThan(text.length / 2);
  }
  const delta = events.find(({ type }) => type === "message_delta");
  const { input, cacheRead } = HELLO.usage;
  expect(Reflect.get(delta ?? {}, "usage")).toMatchObject({
    input_tokens: input - cacheRead,
    cache_read_input_tokens: cacheRead,
  });
});
