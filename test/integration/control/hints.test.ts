/** What errors tell people to do depends on where the gateway runs. */
import { describe, expect, it } from "vitest";
import type { LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { openLead } from "../../support/lead.ts";

const fixed = { accounts: [], routes: [], apiKey: undefined, names: new Set<string>() };

async function toldWith(options: Partial<LeaderOptions>): Promise<string> {
  const { lead, close } = await openLead(options);
  try {
    const state = await lead.start();
    if (state.kind !== "running") throw new Error(JSON.stringify(state));
    const reply = await fetch(`${state.baseUrl}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "gpt-5", messages: [] }),
    });
    expect(reply.status).toBe(503);
    const { error } = (await reply.json()) as { error: { message: string } };
    return error.message;
  } finally {
    await close();
  }
}

describe("a model that nobody serves yet", () => {
  it.each<[string, Partial<LeaderOptions>, string]>([
    ["in VS Code", {}, '"Portico: Add Account…" in VS Code'],
    ["on the command line", { kind: "headless" }, "portico accounts add PROVIDER"],
    ["in a clone", { kind: "headless", program: "npx portico" }, "npx portico accounts add PROVIDER"],
    [
      "with a config file",
      { kind: "headless", fixed: { ...fixed, configFile: "/etc/p.jsonc" } },
      'portico accounts add PROVIDER, or "accounts" in /etc/p.jsonc',
    ],
  ])("%s", async (_where, options, how) => {
    expect(await toldWith(options)).toBe(
      `No account serves "gpt-5" yet. Add one (${how}), or try the model "sandbox/echo".`,
    );
  });
});
