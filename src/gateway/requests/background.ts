/** The background route: where requests for titles and summaries go, if the person wants that. */

import type { Protocol } from "../../control/protocol.ts";
import { type Fields, isRecord } from "../common/json.ts";
import { WIRES } from "../protocols/wires.ts";
import { type BackgroundFacts, type BackgroundRule, backgroundRule } from "../routing/backgroundRules.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Call } from "./call.ts";
import type { GatewayContext } from "./context.ts";

/** Characters of one text that are put together. */
const TEXT_LIMIT = 20_000;

/** The background route's targets before the usual ones, for a request that meets a rule. */
export function backgroundFirst(
  context: GatewayContext,
  call: Call,
  usual: readonly Candidate[],
): readonly Candidate[] {
  const { enabled, to } = context.settings().background;
  const rule = enabled && to.length > 0 ? ruleOf(call) : undefined;
  if (rule === undefined) return usual;
  const cheap = to.flatMap((name, target) =>
    context
      .candidates(name, call.protocol)
      .map((candidate) => ({ ...candidate, target, background: rule.name })),
  );
  return [...cheap, ...usual.map((each) => ({ ...each, target: each.target + to.length }))];
}

/** The rule that a call meets, whether or not the route is on. */
export function ruleOf(call: Call): BackgroundRule | undefined {
  if (call.operation !== "chat" || !isRecord(call.json)) return undefined;
  return backgroundRule(factsOf(call.protocol, call.json));
}

function factsOf(protocol: Protocol, body: Fields): BackgroundFacts {
  const tools = Array.isArray(body.tools) && body.tools.length > 0;
  if (tools) return { system: "", lastUser: "", tools };
  const { system, systemInTurns, turns, content } = WIRES[protocol].conversation(body);
  const messages = turnsOf(turns);
  const inTurns = messages.find(({ role }) => role === "system" || role === "developer");
  return {
    system: textOf(systemInTurns ? inTurns?.[content] : system),
    lastUser: typeof turns === "string" ? turns : lastUser(messages, content),
    tools,
  };
}

function turnsOf(list: unknown): Fields[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function lastUser(turns: readonly Fields[], field: string): string {
  const last = turns.at(-1);
  return last?.role === "user" || last?.role === undefined ? textOf(last?.[field]) : "";
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content.slice(0, TEXT_LIMIT);
  if (!Array.isArray(content)) return "";
  let text = "";
  for (const part of content as readonly unknown[]) {
    const piece: unknown = isRecord(part) ? part.text : part;
    if (typeof piece === "string") text += text === "" ? piece : `\n${piece}`;
    if (text.length > TEXT_LIMIT) break;
  }
  return text;
}
