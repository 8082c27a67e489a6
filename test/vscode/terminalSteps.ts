/** What terminals are told: nothing until a person wants it, and only while the proxy runs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findCompanion } from "./companion.ts";
import { isHealthy } from "./http.ts";
import { until, untilIs } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";

const run = promisify(execFile);
const SETTING = "portico.terminals.enabled";

export function terminalSteps(stage: Stage): Step[] {
  const { base, companions } = stage;
  const address = async (variables: () => Promise<Record<string, string>>) =>
    (await variables()).ANTHROPIC_BASE_URL ?? "";

  return [
    stage.step("tells new terminals of the proxy while it runs, once a person wants it", async (first) => {
      const companion = await findCompanion(companions, first);
      assert.equal(await address(companion.terminal), "");
      await companion.set(SETTING, true);
      // Variables come to the editor one by one, the path last.
      await untilIs(async () => /portico-gateway/.test((await companion.terminal()).PATH ?? ""), true);
      const env = await companion.terminal();
      assert.equal(env.ANTHROPIC_BASE_URL, base);
      assert.equal(env.OPENAI_BASE_URL, `${base}/v1`);
      assert.match(env.NO_PROXY ?? "", /127\.0\.0\.1/);
      // And has the command, run by the editor's own runtime.
      // It ends with 1 while the proxy does not run, and says what it saw all the same.
      let said = "";
      const status = () =>
        run("/bin/sh", ["-c", "portico status --json"], { env }).then(
          ({ stdout }) => {
            said = stdout;
            const seen = JSON.parse(stdout) as { status: { proxy: { baseUrl?: string } } };
            return seen.status.proxy.baseUrl === base ? true : undefined;
          },
          (error: { stdout?: string; stderr?: string }) => {
            said = `${error.stdout} ${error.stderr}`;
            return undefined;
          },
        );
      await until(status, () => `portico status says: ${said}`);

      await first.runCommand("Portico: Stop Proxy");
      await untilIs(() => isHealthy(base), false);
      await untilIs(() => address(companion.terminal), "");
      await first.runCommand("Portico: Start Proxy");
      await untilIs(() => isHealthy(base), true);
      await untilIs(() => address(companion.terminal), base);
      await first.runCommand("Portico: Toggle Use in New Terminals");
      await untilIs(() => address(companion.terminal), "");
      assert.doesNotMatch((await companion.terminal()).PATH ?? "", /portico-gateway/);
      return undefined;
    }),
  ];
}
