import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS, type CommandName } from "../../../src/cli/options.ts";
import { Metrics } from "../../../src/gateway/metrics/metrics.ts";

const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
/** Only the gateway's; `route` has a page of its own in the help. */
const DOCUMENTED: readonly CommandName[] = ["serve", "accounts add", "logs", "stats", "dashboard", "connect"];

describe("docs/cli.md", () => {
  it.each(Object.keys(COMMANDS) as CommandName[])("has portico %s", (name) => {
    expect(page).toContain(`\`portico ${name}`);
  });

  it.each(DOCUMENTED)("has every option of %s", (name) => {
    for (const option of COMMANDS[name].options) expect(page).toContain(`\`--${option}`);
  });

  it("has every metric, and no other", async () => {
    const metrics = new Metrics({
      accounts: () => [],
      standing: () => [],
      active: () => 0,
      now: () => 0,
      recordsDropped: () => 0,
      poolJoined: () => true,
    });
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map((found) => found[1] ?? "");
    const rows = [...page.matchAll(/^\| `((?:gen_ai|portico)_[a-z_]+)`/gm)].map((found) => found[1] ?? "");
    expect(rows.sort()).toEqual(names.sort());
  });
});

describe("the README", () => {
  it("has every option of serve", () => {
    for (const option of COMMANDS.serve.options) expect(readme).toContain(`\`--${option}`);
  });
});
