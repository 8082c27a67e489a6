import { describe, expect, it } from "vitest";
import { AGENTS } from "./agents/index.ts";
import { isMissing, title } from "./installed.ts";
import { GATEWAY_KEY, session } from "./session.ts";
import { answer } from "./task.ts";
import { WIRES } from "./wires/index.ts";

const auth = { mode: "strict", apiKey: GATEWAY_KEY } as const;

describe.concurrent("a gateway that wants its key", () => {
  for (const agent of AGENTS) {
    it.skipIf(isMissing(agent))(`lets ${title(agent)} in with it`, async () => {
      await session({ agent, wire: WIRES[agent.protocol], kind: "read", auth, key: GATEWAY_KEY }, (seen) => {
        const { ended, provider, gateway, word, story } = seen;
        expect(provider.problems, story).toEqual([]);
        expect(ended, story).toMatchObject({ code: 0, timedOut: false });
        expect(agent.answer(ended.stdout), story).toContain(answer("read", word));
        const refused = gateway.requests().filter(({ status }) => status >= 400);
        expect(refused, story).toEqual([]);
      });
    });

    it.skipIf(isMissing(agent))(`turns ${title(agent)} away with another one, and says why`, async () => {
      const key = "a-key-of-someone-else";
      await session({ agent, wire: WIRES[agent.protocol], kind: "read", auth, key }, (seen) => {
        const { ended, provider, gateway, story } = seen;
        expect(provider.requests, story).toEqual([]);
        expect(ended.timedOut, story).toBe(false);
        expect(ended.code, story).not.toBe(0);
        expect(ended.stdout + ended.stderr, story).toContain("Portico's own API key");
        const requests = gateway.requests();
        expect(requests.length, story).toBeGreaterThan(0);
        expect(
          requests.filter(({ status }) => status !== 401),
          story,
        ).toEqual([]);
        expect(gateway.log(), story).not.toContain(key);
      });
    });
  }
});
