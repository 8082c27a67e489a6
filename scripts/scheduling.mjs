// Simulates a day for each scheduling strategy and writes docs/scheduling.md with a plot.
//   node scripts/scheduling.mjs
import { mkdir, writeFile } from "node:fs/promises";
import { TRAIT_TABLE } from "../src/gateway/models/table/table.ts";
import { STRATEGIES } from "../src/gateway/settings/strategy.ts";
import { simulateDay } from "../test/support/simulation/day.ts";
import { ACCOUNTS, PROVIDERS } from "../test/support/simulation/providers.ts";

const SEED = 20_260_115;
const docs = new URL("../docs/", import.meta.url);

const days = [];
for (const strategy of STRATEGIES) days.push(await simulateDay({ strategy, seed: SEED }));

/** Models whose thinking only the account can read that made it, as a person calls them. */
const bound = TRAIT_TABLE.filter(({ traits }) => traits.thinkingBoundTo === "account").map(({ models }) => {
  const [family = "", version = "", line = ""] = models.split(" ");
  const name = [family, line].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
  return `${name} ${version.replace("+", " and later")}`;
});

/** @param {number} value */
const percent = (value) => `${(value * 100).toFixed(1)} %`;
/** @param {number} value */
const thousands = (value) => value.toLocaleString("en-US");

const rows = days.map((day) =>
  [
    `\`${day.strategy}\``,
    thousands(day.requests),
    thousands(day.refused),
    thousands(day.tooEarly),
    day.callsPerRequest.toFixed(3),
    percent(day.stickyRate),
    thousands(day.rateLimited),
    `${(day.longestWait / 1000).toFixed(1)} s`,
  ].join(" | "),
);

const text = `# Scheduling

Which of several accounts gets a request. Routing names the accounts that could serve it and keeps the order of targets, of
priorities, and of certainty; among those that it holds for equal, a strategy decides (\`scheduling.strategy\`):

| strategy | order |
|---|---|
| \`cache-first\` (default) | a conversation stays where it is, because moving it throws the provider's prompt cache away; it waits up to \`scheduling.stickyWaitMs\` (10 s) for its account rather than move. A new one goes where \`balanced\` would send it |
| \`balanced\` | the lightest load for what is left of the quota |
| \`round-robin\` | whoever waited longest |
| \`fill-first\` | one account until it is used up, then the next; whose quota lapses first comes first |
| \`pinned\` | \`scheduling.pinned\` gets all that it serves, and nobody else gets it |

Whatever the strategy:

- An account that is cooling, exhausted or in need of attention is left out until its time; one whose provider has said that
  nothing is left of a limit comes last until the limit is whole again, without being asked in vain.
- Where nobody is ready but somebody will be within \`scheduling.waitMs\` (10 s), a request waits rather than fail: in turn,
  spread over some moments, at most 1,000 at once, and not into the time of a stream's first heartbeat. A wait for a
  conversation's own account counts as part of it. Who cannot wait that long gets a 429 with \`retry-after\`.
- \`maxInFlight\` of an account is never exceeded: what does not fit goes elsewhere, or waits in line.
- Whoever made encrypted reasoning or a stored response gets the request that brings it back, and a conversation with a
  model whose thinking only its account can read (${bound.join("; ")})
  stays there, however long it was silent. A move is counted in \`portico_conversation_moves_total\`, by what it lost.
- The header \`x-portico-account\` (id or label; a label of other than printable ASCII percent-encoded, as replies have
  it) forces an account for one request, \`x-portico-session\` names a conversation for clients that have no name for it
  themselves.
- A budget of one's own that is used up leaves its account out; below \`protectBelowPercent\` of its quota an account is kept
  for requests that name it and for \`pinned\`.
- When a server has failed a request twice, its other accounts come last: fallback targets are tried first.

\`portico route MODEL\` shows the order for a model and what keeps an account back.

## A simulated day

\`node scripts/scheduling.mjs\` writes this page (seed ${SEED}); \`test/unit/accounts/simulation.test.ts\` holds the properties. ${ACCOUNTS.length} accounts
of ${PROVIDERS.length} providers, each model with the next provider to fall back to; 30 requests per minute and account, 300 per day for one in
four, at most 3 at once for another; other programs fill an account up in 3 % of all minutes; one provider answers 503
for 12 minutes, one refuses connections for 6; one key is revoked for 5 hours, one for the rest of the day.

| strategy | requests | refused | asked too early | upstream calls per request | same account as before | rate-limited | longest wait |
|---|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join("\n")}

*Refused*: the client got an error. *Asked too early*: calls to an account before the moment that it had named. *Upstream
calls per request*: outside outages. *Same account as before*: of the later requests of a conversation; what a prompt cache
can serve at most. *Longest wait*: from the request to the start of the try that answered it.

![Requests per account and hour for each strategy](img/scheduling.svg)

Requests per account (rows, by provider) and hour of the day (columns); the darker, the more.
`;

await mkdir(new URL("img/", docs), { recursive: true });
await writeFile(new URL("scheduling.md", docs), text);
await writeFile(new URL("img/scheduling.svg", docs), plot());
console.log(`docs/scheduling.md: ${days.length} days simulated`);

function plot() {
  const cell = { width: 9, height: 9 };
  const panel = { width: 24 * cell.width, height: ACCOUNTS.length * cell.height };
  const [left, top, gap] = [86, 34, 26];
  const width = left + days.length * (panel.width + gap);
  const height = top + panel.height + 34;
  const most = Math.max(...days.flatMap(({ hours }) => [...hours.values()].flat()));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10" fill="#555">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
  ];
  for (const [row, { id }] of ACCOUNTS.entries()) {
    const y = top + row * cell.height + 8;
    parts.push(`<text x="${left - 6}" y="${y}" text-anchor="end" font-size="8">${id}</text>`);
  }
  for (const [column, { strategy, hours }] of days.entries()) {
    const x0 = left + column * (panel.width + gap);
    parts.push(`<text x="${x0}" y="${top - 12}" font-size="12" fill="#222">${strategy}</text>`);
    parts.push(`<rect x="${x0}" y="${top}" width="${panel.width}" height="${panel.height}" fill="#f2f2f2"/>`);
    parts.push('<g fill="#1f5fbf">');
    for (const [row, { id }] of ACCOUNTS.entries()) {
      for (const [hour, count] of (hours.get(id) ?? []).entries()) {
        const [x, y] = [x0 + hour * cell.width, top + row * cell.height];
        if (count === 0) continue;
        const strength = (0.12 + 0.88 * Math.sqrt(count / most)).toFixed(2);
        parts.push(`<path d="M${x} ${y}h8v8h-8" opacity="${strength}"/>`);
      }
    }
    parts.push("</g>");
    for (const hour of [0, 6, 12, 18]) {
      const x = x0 + hour * cell.width;
      parts.push(`<text x="${x}" y="${top + panel.height + 12}" font-size="8">${hour}:00</text>`);
    }
  }
  return `${parts.join("\n")}\n</svg>\n`;
}
