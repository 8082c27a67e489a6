import { describe, expect, it } from "vitest";
import { AGENTS } from "./agents/index.ts";
import { isMissing, title } from "./installed.ts";
import { session } from "./session.ts";
import { answer, changed, fileText } from "./task.ts";
import { WIRES } from "./wires/index.ts";

const PAIRS = AGENTS.flatMap((agent) => Object.values(WIRES).map((wire) => ({ agent, wire })));

describe.concurrent("reading and editing a file", () => {
  for (const { agent, wire } of PAIRS)
    it.skipIf(isMissing(agent))(`on ${wire.protocol}: ${title(agent)}`, async () => {
      await session({ agent, wire, kind: "edit" }, (seen) => {
        const { ended, gatewayCode, provider, gateway, word, after, story } = seen;
        expect(provider.problems, story).toEqual([]);
        expect(ended, story).toMatchObject({ code: 0, timedOut: false });
        expect(after, story).toBe(fileText(changed(word)));
        expect(agent.answer(ended.stdout), story).toContain(answer("edit", word));
        expect(gatewayCode, story).toBe(0);
        const requests = gateway.requests();
        const served = requests.filter(({ lane }) => lane !== undefined);
        const lane = agent.protocol === wire.protocol ? "A" : "B";
        expect(served.length, story).toBeGreaterThanOrEqual(3);
        expect(
          served.filter((each) => each.lane !== lane),
          story,
        ).toEqual([]);
        expect(
          requests.filter(({ status }) => status >= 400),
          story,
        ).toEqual([]);
        // Reasoning comes back with what proves it, through whatever the client keeps of it.
        const { given, returned } = provider.proofs;
        expect(given.size, story).toBe(wire.protocol === "openai-chat" ? 0 : 2);
        expect([...returned], story).toEqual([...given]);
      });
    });
});
