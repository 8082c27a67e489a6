/** The session key: which conversation a request belongs to, read from what clients send, without decoding it. */
import { hash } from "node:crypto";
import type { Protocol } from "../../../control/protocol.ts";
import { isRecord, textOf } from "../../common/json.ts";
import type { RawConversation } from "../../protocols/wire.ts";
import { WIRES } from "../../protocols/wires.ts";

/**
 * Headers that name a session, the surest first: Claude Code; Codex (newer, older); OpenCode,
 * Continue and Cline. Our own header comes last, so that it serves clients that say nothing else.
 */
const CLIENT_HEADERS = [
  "x-claude-code-session-id",
  "session-id",
  "session_id",
  "thread-id",
  "x-session-id",
] as const;
const OWN_HEADER = "x-portico-session";
/** Characters of a name or of text that tell one conversation from another. */
const TEXT_LIMIT = 20_000;

/**
 * A key of 32 hexadecimal digits, the same for every request of one conversation: a digest, so that
 * it can be written down and shown, to providers as well, without telling whose it is. `undefined`:
 * nothing tells.
 *
 * @param rawHeaders names and values in turn
 * @param json the parsed body
 * @param client whose conversations are told from all others'
 */
export function sessionKey(
  protocol: Protocol,
  rawHeaders: readonly string[],
  json: unknown,
  client?: string,
): string | undefined {
  const body = isRecord(json) ? json : {};
  const conversation = WIRES[protocol].conversation(body);
  const named =
    firstHeader(rawHeaders, CLIENT_HEADERS) ??
    textOf(body.prompt_cache_key) ??
    textOf(conversation.session) ??
    firstHeader(rawHeaders, [OWN_HEADER]);
  const whose = client === undefined ? "" : `client ${client}\n`;
  if (named !== undefined) return digest(`${whose}name\n${named}`);
  const opening = openingOf(conversation);
  return opening === "" ? undefined : digest(`${whose}text\n${opening}`);
}

const digest = (value: string): string => hash("sha256", value.slice(0, TEXT_LIMIT), "hex").slice(0, 32);

/** In place of a key, for requests of which nothing tells a conversation. */
export const NO_SESSION = digest("text\n");

/** The value of the first of `names` that the client sent. Names are in lower case. */
export function firstHeader(raw: readonly string[], names: readonly string[]): string | undefined {
  let found: string | undefined;
  let rank = names.length;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    // Most headers are told apart by their length alone.
    const index = names.findIndex((each) => each.length === name.length && each === name.toLowerCase());
    const value = raw[at + 1]?.trim();
    if (index === -1 || index >= rank || value === undefined || value === "") continue;
    found = value;
    rank = index;
  }
  return found;
}

/** The system text and the first text of the user, which stay as they are for the whole conversation. */
function openingOf(conversation: RawConversation): string {
  const out = new Text();
  content(conversation.system, out);
  turns(conversation.turns, conversation.content, out);
  return out.value;
}

/** The text of the user's first turn. @param turns of a body, or of a decoded request; a text is the only one */
export function firstUserText(turns: unknown, field: string): string {
  const out = new Text();
  const first: unknown = Array.isArray(turns)
    ? turns.find((turn: unknown) => isRecord(turn) && (turn.role === "user" || turn.role === undefined))
    : undefined;
  content(isRecord(first) ? first[field] : turns, out);
  return out.value;
}

/** Bounded. */
class Text {
  value = "";

  get full(): boolean {
    return this.value.length >= TEXT_LIMIT;
  }

  add(piece: unknown): void {
    if (typeof piece === "string") this.value = `${this.value}${piece}\n`.slice(0, TEXT_LIMIT);
  }
}

/** Up to the first turn of the user, that included. */
function turns(list: unknown, field: string, out: Text): void {
  if (!Array.isArray(list)) {
    out.add(list);
    return;
  }
  for (const turn of list as readonly unknown[]) {
    if (out.full) return;
    if (!isRecord(turn)) continue;
    const role = turn.role;
    if (role === "assistant" || role === "model" || role === "tool") return;
    content(turn[field], out);
    // Gemini's contents need no role: it is the user's.
    if (role === "user" || role === undefined) return;
  }
}

function content(value: unknown, out: Text): void {
  if (!Array.isArray(value)) {
    out.add(value);
    return;
  }
  for (const part of value as readonly unknown[]) {
    if (out.full) return;
    out.add(isRecord(part) ? part.text : part);
  }
}
