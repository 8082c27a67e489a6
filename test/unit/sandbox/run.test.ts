import { expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { ChatEvent } from "../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../src/gateway/protocols/openaiChat/index.ts";
import { Sandbox } from "../../../src/gateway/sandbox/run.ts";

it("a reader that fails ends its own answer and nothing else", async () => {
  const body = { model: "sandbox/markdown", messages: [{ role: "user", content: "hi" }] };
  const run = new Sandbox(systemClock).run(codec.decodeRequest(body, { model: body.model, stream: true }));
  if ("error" in run) throw new Error(run.error.message);
  const seen: ChatEvent[] = [];
  await new Promise<void>((resolve) => {
    run.flow.attach({
      event(event) {
        seen.push(event);
        if (event.type === "error") resolve();
        const deltas = seen.filter(({ type }) => type === "text-delta").length;
        if (event.type === "text-delta" && deltas === 2) throw new Error("no more");
      },
      end() {},
    });
  });
  expect(seen.at(-1)).toEqual({
    type: "error",
    error: { kind: "internal", message: "The sandbox failed (no more)." },
  });
});
