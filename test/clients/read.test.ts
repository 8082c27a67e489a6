import { describe, expect, it } from "vitest";
import { AGENTS } from "./agents/index.ts";
import { isMissing, title } from "./installed.ts";
import { session } from "./session.ts";
import { answer } from "./task.ts";
import { WIRES } from "./wires/index.ts";

describe.concurrent("reading a file on an account of the client's own protocol", () => {
  for (const agent of AGENTS)
    it.skipIf(isMissing(agent))(title(agent), async () => {
      await session({ agent, wire: WIRES[agent.protocol], kind: "read" }, (seen) => {
        const { ended, gatewayCode, provider, gateway, word, story } = seen;
        expect(provider.problems, story).toEqual([]);
        expect([...provider.results].join("\n"), story).toContain(word);
        expect(ended, story).toMatchObject({ code: 0, timedOut: false });
        expect(agent.answer(ended.stdout), story).toContain(answer("read", word));
        expect(gatewayCode, story).toBe(0);
        const requests = gateway.requests();
        const served = requests.filter(({ lane }) => lane !== undefined);
        expect(served.length, story).toBeGreaterThanOrEqual(2);
        expect(
          served.filter(({ lane }) => lane !== "A"),
          story,
        ).toEqual([]);
        expect(
          requests.filter(({ status }) => status >= 400),
          story,
        ).toEqual([]);
      });
    });
});
