/** What *Report Issue…* hands to the editor's reporter, of a real leader full of what nobody else should read. */
import { homedir, hostname } from "node:os";
import { expect, it } from "vitest";
import { reportForIssue } from "../../../src/vscode/issueReport.ts";
import { openLead } from "../../support/lead.ts";

const ID = "grandma-private";
const HOST = "llm.grandma-net.example";
const PERSON = "ada.lovelace@example.com";
const KEY = "sk-grandma-0123456789abcdef";

it("holds no key, account, host or person, and still what a maintainer needs", async () => {
  const portico = await openLead({ kind: "headless" });
  const { lead } = portico;
  const endpoints = { "openai-chat": `https://${HOST}/v1` };
  await lead.call("accounts.add", { provider: "custom", id: ID, label: PERSON, endpoints, apiKey: KEY });
  await lead.call("routes.set", [{ model: "fast", to: [`${ID}/m`] }]);
  await lead.call("settings.update", {
    budgets: [{ account: ID, unit: "usd", per: "day", limit: 5, warnAtPercent: 80 }],
    prices: [{ account: ID, model: "m", input: 1, output: 2 }],
    "scheduling.pinned": ID,
    "background.to": [`${ID}/m`],
    allowedHosts: [`me.${HOST}`],
    allowedOrigins: [`https://app.${HOST}`],
  });
  const { apiKey } = await lead.call("auth.key", undefined);
  for (let count = 0; count < 300; count += 1) {
    const message = `${PERSON} of ${ID} at ${HOST} (${hostname()}) with ${KEY} and ${apiKey} in ${homedir()}/x ${count}`;
    lead.tellOthers({ level: "warn", time: count, message });
  }
  const whole = (await lead.call("diagnostics.get", undefined)).text;
  const report = reportForIssue(whole);
  expect(report.length).toBeLessThan(30_200);
  for (const fact of [
    "Redacted: no key",
    "version 1.2.3, headless",
    "account-1: custom, key",
    'limit":5',
    " 299",
  ]) {
    expect(report).toContain(fact);
  }
  const secrets = [KEY, apiKey, ID, HOST, "grandma", "lovelace", portico.folder.path];
  if (hostname().length > 2) secrets.push(hostname());
  if (homedir().length > 2) secrets.push(homedir());
  for (const secret of secrets) expect(report, secret).not.toContain(secret);
  await portico.close();
});
