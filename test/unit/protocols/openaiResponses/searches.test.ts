/** Searches of other providers: one item for each, with what it found and no other. */
import { expect, it } from "vitest";
import type { ChatEvent, ProviderToolPart } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";
import { MOST_HELD } from "../../../../src/gateway/protocols/webSearch.ts";
import { checkStream } from "../../../support/checkers/openaiResponses.ts";
import { parseSse, replyContext } from "./helpers.ts";

type Part = Extract<ChatEvent, { type: "part" }>;

const part = (fields: Partial<ProviderToolPart> & Pick<ProviderToolPart, "phase" | "id">): Part => ({
  type: "part",
  part: { type: "provider-tool", protocol: "anthropic", tool: "web_search", raw: {}, ...fields },
});
const call = (id: string): Part => part({ phase: "call", id, input: JSON.stringify({ query: id }) });
const found = (id: string): Part =>
  part({ phase: "result", id, sources: [{ url: `https://${id}.example` }] });
const text: readonly ChatEvent[] = [
  { type: "text-start", id: "t" },
  { type: "text-delta", id: "t", text: "Hm." },
  { type: "text-end", id: "t" },
];
const finish: ChatEvent = { type: "finish", reason: "stop" };

/** Of each search, in the order of its items: what was asked for, and the addresses that were found. */
function shown(...events: readonly ChatEvent[]) {
  const warnings: string[] = [];
  const encoder = codec.streamEncoder({ ...replyContext(), warn: (feature) => warnings.push(feature) });
  const wire = parseSse(events.map((event) => encoder.push(event)).join("") + encoder.end());
  expect(checkStream(wire)).toEqual([]);
  expect(warnings).toEqual([]);
  const { output } = encoder.response() as { output: Record<string, unknown>[] };
  return output.flatMap(({ type, action }) => {
    if (type !== "web_search_call") return [];
    const { query, sources = [] } = action as { query: string; sources?: { url: string }[] };
    return [[query, ...sources.map(({ url }) => url)]];
  });
}

it("several at a time have each its own results", () => {
  expect(shown(call("a"), call("b"), found("b"), found("a"), finish)).toEqual([
    ["b", "https://b.example"],
    ["a", "https://a.example"],
  ]);
});

it("results of another search are not taken for its own", () => {
  expect(shown(call("a"), found("z"), finish)).toEqual([["", "https://z.example"], ["a"]]);
});

it("results that come alone are shown, without a word of trouble", () => {
  expect(shown(found("a"), finish)).toEqual([["", "https://a.example"]]);
  expect(shown(call("a"), ...text, found("a"), finish)).toEqual([["a"], ["", "https://a.example"]]);
});

it("a search is shown where the stream ends behind it, whole or cut", () => {
  expect(shown(call("a"), finish)).toEqual([["a"]]);
  expect(shown(call("a"))).toEqual([["a"]]);
});

it("no more than so many are held", () => {
  const ids = Array.from({ length: MOST_HELD + 1 }, (_, index) => `n${index}`);
  expect(shown(...ids.map(call), found("n0"), finish)).toEqual([
    ...ids.slice(0, -1).map((id) => [id]),
    ["", "https://n0.example"],
    [ids.at(-1)],
  ]);
});
