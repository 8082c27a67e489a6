import { describe, expect, it } from "vitest";
import { AGENTS } from "./agents/index.ts";
import { session } from "./session.ts";
import { answer, changed, fileText } from "./task.ts";
import { WIRES } from "./wires/index.ts";

const PAIRS = AGENTS.flatMap((agent) =>
  Object.values(WIRES).map((wire) => ({ agent, wire, client: agent.name, account: wire.protocol })),
);

describe.concurrent("reading and editing a file", () => {
  it.each(PAIRS)("$client on $account", async ({ agent, wire }) => {
    await session({ agent, wire, kind: "edit" }, (seen) => {
      const { ended, provider, gateway, word, after, story } = seen;
      expect(provider.problems, story).toEqual([]);
      expect(ended, story).toMatchObject({ code: 0, timedOut: false });
      expect(after, story).toBe(fileText(changed(word)));
      expect(agent.answer(ended.stdout), story).toContain(answer("edit", word));
      const requests = gateway.requests();
      const served = requests.filter(({ lane }) => lane !== undefined);
      const lane = agent.protocol === wire.protocol ? "A" : "B";
      expect(served.length, story).toBeGreaterThanOrEqual(3);
      expect(served.filter((each) => each.lane !== lane), story).toEqual([]);
      expect(requests.filter(({ status }) => status >= 400), story).toEqual([]);
      expect([...provider.proofs.returned], story).toEqual([...provider.proofs.given]);
    });
  });
});
