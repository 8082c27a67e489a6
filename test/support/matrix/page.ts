/** `docs/protocols.md`, written from the tables that the matrix test runs. */

import { PROTOCOL_FACTS, PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { TRAIT_TABLE } from "../../../src/gateway/models/table/table.ts";
import type { TraitRow } from "../../../src/gateway/models/traits.ts";
import { EFFORTS } from "../../../src/gateway/protocols/chat.ts";
import { effortToBudget } from "../../../src/gateway/protocols/reasoning.ts";
import { DIFFERENCES } from "./differences.ts";
import type { Cell } from "./feature.ts";
import { FEATURES } from "./features.ts";
import { FINISH } from "./words.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");

/** What a pair does with each feature that its client can say. */
function pair(client: Protocol, target: Protocol): string {
  const rows = FEATURES.flatMap((feature) => {
    if (feature.says[client] === undefined) return [];
    const got: Cell = feature.except?.[`${client}>${target}`] ?? feature.gets[target];
    const warned = got.warns === undefined ? "" : "⚠";
    return [[feature.name, `${got.fate} ${warned}`.trim(), got.note ?? ""]];
  });
  return `### ${PROTOCOL_FACTS[client].label} to ${PROTOCOL_FACTS[target].label}\n\n${table(["feature", "fate", "how"], rows)}`;
}

const INTRO = `# Protocols

A client speaks one of four protocols, and so does an account. Where both are the same, the bytes go
through as they are and nothing on this page applies. Where they differ, the request is decoded to one
canonical model and encoded for the account; the reply comes back the same way, event by event. There is
a codec per protocol in \`src/gateway/protocols\`, and no pair knows another pair.

*This page is written by \`node scripts/protocols-doc.mjs\` from the tables that
\`test/integration/matrix\` runs: every row below is a request that an official SDK sends through a real
gateway to a scripted provider that is as strict as the real one. A test fails when the page is stale.*

- **kept**: the provider is asked for the same.
- **mapped**: it is asked for what comes nearest.
- **dropped**: the provider has nothing like it. The request goes on without.
- ⚠: the reply says so in its header \`x-portico-warnings\`, and the request's record keeps every warning.

Models differ within a protocol; what is said here is for a current model of the provider itself. Rows
that depend on the model say so.`;

const TURNS = `## Turns

What a client brings back in its next turn is accepted by the provider that answered the last one, and by
any other:

- Calls and their results keep their ids. Where a provider's ids do not fit another's rules, the same id
  always becomes the same other one. Gemini gives no ids; it gets none back.
- Results hold text, images and errors. OpenAI's chat completions take text only: images go into a
  message of the user right behind. Errors are marked where the protocol can (Anthropic, Gemini).
- Signatures and encrypted reasoning are for the model that made them. They travel through the client in a
  field that it brings back anyway: \`thinking.signature\` and \`redacted_thinking.data\` (Anthropic),
  \`encrypted_content\` (responses), \`reasoning_details\` and \`extra_content\` (chat completions). Gemini's
  clients have no such field, and others drop what they do not know: for these they are kept by session,
  model and id of the call, also across restarts (of thoughts in plain words only with the setting
  \`responses.onDisk\`). What Portico put there for one provider is taken off before a request goes to another.
- Reasoning without a signature goes back where the provider wants it: DeepSeek's and Moonshot's \`reasoning_content\` on
  turns with calls, Mistral's thinking inside \`content\`. What servers of one's own write between \`<think>\` and
  \`</think>\` at the beginning of a chat reply is reasoning for clients of the other protocols (an account's
  \`thinkTags\`: on for servers on this computer).
- When the conversation moves to another model, reasoning that it did not make stays behind; words, calls
  and results go on.
- A JSON schema of an Anthropic or Gemini client is \`strict\` at OpenAI where it keeps strict mode's rules
  already (closed objects, everything required); any other is given, not enforced.
- Files by address are fetched by Portico itself where the target takes bytes only, over a direct connection
  and never through a proxy: a proxy would resolve the name anew, and could be led to an address inside.
  Where there is no direct way out, a placeholder and a warning stand for the file.
- Stored responses and conversations of the Responses API are kept here for targets that have none. A new
  conversation is made at the account that the header \`x-portico-account\` names, else at the only one that
  speaks the Responses API, and stays there; with none or several, it is kept here and any model continues it.`;

const reasoningTable = (): string =>
  `## Reasoning\n\nEfforts and budgets of tokens stand for each other by one table; a budget is read as the nearest effort.\n\n${table(
    ["effort", "tokens"],
    EFFORTS.map((effort) => [`\`${effort}\``, String(effortToBudget(effort))]),
  )}`;

const finishTable = (): string =>
  `## Why a reply ended\n\n${table(
    ["", ...PROTOCOLS.map((protocol) => PROTOCOL_FACTS[protocol].label)],
    Object.entries(FINISH).map(([reason, words]) => [
      reason,
      ...PROTOCOLS.map((protocol) => `\`${words[protocol]}\``),
    ]),
  )}\n\nA response that holds a refusal is \`completed\`: the refusal is there to read. Where the\nprovider ends a reply with an error (Gemini's \`MALFORMED_FUNCTION_CALL\`), the client is given an error, too.`;

const USAGE = `## Tokens

| | input | cached | output | reasoning |
| --- | --- | --- | --- | --- |
| OpenAI chat completions | \`prompt_tokens\`, all | \`prompt_tokens_details.cached_tokens\` | \`completion_tokens\`, all | \`completion_tokens_details.reasoning_tokens\` |
| OpenAI responses | \`input_tokens\`, all | \`input_tokens_details.cached_tokens\` | \`output_tokens\`, all | \`output_tokens_details.reasoning_tokens\` |
| Anthropic messages | \`input_tokens\`, uncached only | \`cache_read_input_tokens\`, \`cache_creation_input_tokens\` | \`output_tokens\`, all | \`output_tokens_details.thinking_tokens\` |
| Gemini | \`promptTokenCount\`, all | \`cachedContentTokenCount\` | \`candidatesTokenCount\`, without reasoning | \`thoughtsTokenCount\` |

The sums are the same whoever reads them.`;

const ERRORS = `## Errors

Each class has the status and shape of the client's protocol, whatever the provider's own were (an invalid
key is Gemini's 400). \`Retry-After\` is passed on; \`x-should-retry: false\` marks what no retry can mend.
In mid-stream an error is the last event, in the form that the client's protocol has for it.`;

const differences = (): string =>
  `## Recorded replies\n\nEvery stream and reply that was recorded from a real provider, read through the SDK of each other protocol,\nhas the same text, reasoning, tool calls with arguments, finish and token counts as the provider's own. These\nare all the differences:\n\n${table(
    ["recorded from", "recordings", "read by", "differs in", "because"],
    DIFFERENCES.map(({ from, recordings, client, field, reason }) => [
      PROTOCOL_FACTS[from].label,
      recordings.map((name) => `\`${name}\``).join(", "),
      PROTOCOL_FACTS[client].label,
      field,
      reason,
    ]),
  )}`;

/** A trait as a reader of the page wants it: `off: never`. */
function traitWords(traits: TraitRow["traits"]): string {
  const value = (one: unknown): string => {
    if (Array.isArray(one)) return one.length === 0 ? "no" : one.join(" ");
    if (typeof one === "object" && one !== null) {
      return Object.entries(one)
        .map(([name, inner]) => `${name} ${String(inner)}`)
        .join(" ");
    }
    return one === undefined ? "not known" : String(one);
  };
  return Object.entries(traits)
    .map(([name, one]) => `\`${name}: ${value(one)}\``)
    .join(", ");
}

const MODELS = (): string =>
  `## What models take

Every encoder asks this table (\`src/gateway/models/table\`) what the model at hand takes of a request. Names are
read without vendor, region, path, date and \`-latest\`. All lines that match count, the later ones before the
earlier; so the first line of a family tells of models that are not in the table yet. What a provider's own list of
models says (Anthropic's \`capabilities\`, Gemini's limits) beats the table. Where a provider refuses exactly such a
field all the same, a translated request is sent once more without it, on the same account and with a warning, and that
is remembered for the model until the next start; what a client sends in the provider's own protocol is never edited.

${table(
  ["models", "traits", "at", "source", "since"],
  TRAIT_TABLE.map(({ models, traits, at, source, since }) => [
    models,
    traitWords(traits),
    at?.join(", ") ?? "",
    source,
    since,
  ]),
)}`;

export function protocolsPage(): string {
  const pairs = PROTOCOLS.flatMap((client) =>
    PROTOCOLS.filter((target) => target !== client).map((target) => pair(client, target)),
  );
  return `${[INTRO, TURNS, reasoningTable(), finishTable(), USAGE, ERRORS, MODELS(), differences(), `## Requests, pair by pair\n\n${pairs.join("\n\n")}`].join("\n\n")}\n`;
}
