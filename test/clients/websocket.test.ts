import { expect, it } from "vitest";
import { codexOnSockets } from "./agents/codex.ts";
import { isMissing, title } from "./installed.ts";
import { session } from "./session.ts";
import { answer, changed, fileText } from "./task.ts";
import { WIRES } from "./wires/index.ts";

it.skipIf(isMissing(codexOnSockets)).concurrent.for([WIRES["openai-responses"], WIRES.anthropic])(
  `on $protocol: ${title(codexOnSockets)}`,
  async (wire) => {
    await session({ agent: codexOnSockets, wire, kind: "edit" }, (seen) => {
      const { ended, provider, word, after, story } = seen;
      expect(provider.problems, story).toEqual([]);
      expect(ended, story).toMatchObject({ code: 0, timedOut: false });
      expect(after, story).toBe(fileText(changed(word)));
      expect(codexOnSockets.answer(ended.stdout), story).toContain(answer("edit", word));
    });
  },
);
