/** Claude Code sends a conversation's last part alone; an account that holds no more of it is told the whole. */
import { describe, expect, it } from "vitest";
import { claudeCodeOnThreads as agent } from "./agents/claudeCode.ts";
import { isMissing, title } from "./installed.ts";
import { session } from "./session.ts";
import { answer, changed, fileText } from "./task.ts";
import { WIRES } from "./wires/index.ts";

describe.concurrent("a conversation by threads", () => {
  for (const wire of Object.values(WIRES).filter(({ protocol }) => protocol !== agent.protocol))
    it.skipIf(isMissing(agent))(`reaches ${wire.protocol} whole: ${title(agent)}`, async () => {
      await session({ agent, wire, kind: "edit" }, ({ ended, provider, gateway, word, after, story }) => {
        expect(provider.problems, story).toEqual([]);
        expect(ended, story).toMatchObject({ code: 0, timedOut: false });
        expect(after, story).toBe(fileText(changed(word)));
        expect(agent.answer(ended.stdout), story).toContain(answer("edit", word));
        const statuses = gateway.requests().map(({ status }) => status);
        // Nobody here holds threads: where it went on with one it was told so, and sent everything again.
        expect(statuses, story).toContain(404);
        expect(
          statuses.filter((status) => status !== 200 && status !== 404),
          story,
        ).toEqual([]);
        expect(statuses.filter((status) => status === 200).length, story).toBeGreaterThanOrEqual(3);
      });
    });
});
