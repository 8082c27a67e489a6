/**
 * Requests that agents make by themselves, for a title or a summary line: small, without tools, and
 * as well answered by a cheap model. This table is all there is to it; the route is off by default.
 */

export interface BackgroundRule {
  /** Shown in the record of a request that took the background route. */
  readonly name: string;
  /** Where the text stands that gives it away. */
  readonly where: "system" | "last-user";
  /** What it says; matched anywhere in the first characters. */
  readonly says: RegExp;
}

/** Phrases that the programs themselves send, as seen in their requests or their sources. */
export const BACKGROUND_RULES: readonly BackgroundRule[] = [
  {
    name: "Claude Code: topic of the conversation",
    where: "system",
    says: /Analyze if this message indicates a new conversation topic/,
  },
  {
    name: "Claude Code: title of the session",
    where: "system",
    says: /Generate a concise, sentence-case title \(3-7 words\)/,
  },
  {
    name: "Claude Code: summary for the list of sessions",
    where: "system",
    says: /Summarize this coding conversation in under \d+ characters/,
  },
  {
    name: "Claude Code: title for the list of sessions",
    where: "last-user",
    says: /Please write a 5-10 word title for the following conversation/,
  },
  {
    name: "OpenCode: title",
    where: "system",
    says: /^You are a title generator\. You output ONLY a thread title/,
  },
  {
    name: "Crush: title",
    where: "system",
    says: /You will generate a short title based on the first message a user begins a conversation with/i,
  },
  {
    name: "Continue: title",
    where: "last-user",
    says: /please reply with a title for the chat that is 3-4 words in length/i,
  },
  {
    name: "VS Code Chat: title",
    where: "system",
    says: /You are an expert in crafting pithy titles for chatbot conversations/,
  },
  {
    name: "Open WebUI: title, tags, follow-ups",
    where: "last-user",
    says: /^### Task:\s+(?:Generate a concise, 3-5 word title|Generate 1-3 broad tags|Suggest 3-5 relevant follow-up)/,
  },
];

/** Characters of a text that are looked at: an agent's own prompt begins with what it is for. */
const LOOKED_AT = 2000;

export interface BackgroundFacts {
  readonly system: string;
  /** Text of the last turn, where that is the user's. */
  readonly lastUser: string;
  /** Does the request offer tools? Real work does, and these never. */
  readonly tools: boolean;
}

/** The rule that a request meets; `undefined`: it is the user's own work. */
export function backgroundRule({ system, lastUser, tools }: BackgroundFacts): BackgroundRule | undefined {
  if (tools) return undefined;
  return BACKGROUND_RULES.find(({ where, says }) =>
    says.test((where === "system" ? system : lastUser).slice(0, LOOKED_AT)),
  );
}
