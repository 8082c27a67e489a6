/** Tools that a client declares only once they were searched for, on providers that know nothing of that. */
import { describe, expect, it } from "vitest";
import { claudeCode } from "./agents/claudeCode.ts";
import { codex } from "./agents/codex.ts";
import { isMissing, title } from "./installed.ts";
import { session } from "./session.ts";
import { answer } from "./task.ts";
import { WIRES } from "./wires/index.ts";

const PAIRS = [claudeCode, codex].flatMap((agent) =>
  Object.values(WIRES)
    .filter(({ protocol }) => protocol !== agent.protocol)
    .map((wire) => ({ agent, wire })),
);

describe.concurrent("a tool that has to be searched for", () => {
  for (const { agent, wire } of PAIRS)
    it.skipIf(isMissing(agent))(`is found and called on ${wire.protocol}: ${title(agent)}`, async () => {
      await session({ agent, wire, kind: "find" }, ({ ended, provider, gateway, word, story }) => {
        expect(provider.problems, story).toEqual([]);
        expect(ended, story).toMatchObject({ code: 0, timedOut: false });
        expect(agent.answer(ended.stdout), story).toContain(answer("find", word));
        // The tool gave the word itself, and the provider saw it.
        expect([...provider.results].join("\n"), story).toContain(`The secret word is ${word}.`);
        const served = gateway.requests().filter(({ lane }) => lane !== undefined);
        expect(served.length, story).toBeGreaterThanOrEqual(3);
        expect(
          served.filter(({ lane, status }) => lane !== "B" || status >= 400),
          story,
        ).toEqual([]);
      });
    });
});
