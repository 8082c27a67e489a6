import { describe, expect, it } from "vitest";
import { BACKGROUND_RULES, backgroundRule } from "../../../src/gateway/routing/backgroundRules.ts";

/** What each program sends, in brief. */
const REQUESTS: readonly { rule: string; system?: string; lastUser?: string }[] = [
  {
    rule: "Claude Code: topic of the conversation",
    system: "You are Claude Code.\nAnalyze if this message indicates a new conversation topic. If it does, …",
  },
  {
    rule: "Claude Code: title of the session",
    system: "Generate a concise, sentence-case title (3-7 words) that captures the main topic",
  },
  {
    rule: "Claude Code: summary for the list of sessions",
    system: "Summarize this coding conversation in under 50 characters.",
  },
  {
    rule: "Claude Code: title for the list of sessions",
    lastUser: "Please write a 5-10 word title for the following conversation:\n\n…",
  },
  {
    rule: "OpenCode: title",
    system: "You are a title generator. You output ONLY a thread title. Nothing else.",
  },
  {
    rule: "Crush: title",
    system: "you will generate a short title based on the first message a user begins a conversation with",
  },
  {
    rule: "Continue: title",
    lastUser: "Given the following... please reply with a title for the chat that is 3-4 words in length",
  },
  {
    rule: "VS Code Chat: title",
    system: "You are an expert in crafting pithy titles for chatbot conversations.",
  },
  {
    rule: "Open WebUI: title, tags, follow-ups",
    lastUser: "### Task:\nGenerate 1-3 broad tags categorizing the main themes",
  },
];

describe("background rules", () => {
  it("have a request each", () => {
    expect(REQUESTS.map(({ rule }) => rule)).toEqual(BACKGROUND_RULES.map(({ name }) => name));
  });

  it.each(REQUESTS)("$rule", ({ rule, system = "", lastUser = "" }) => {
    expect(backgroundRule({ system, lastUser, tools: false })?.name).toBe(rule);
    expect(backgroundRule({ system, lastUser, tools: true })).toBeUndefined();
  });

  it.each([
    { system: "You are a coding agent.", lastUser: "Write a title generator in Rust" },
    {
      system: "You help.",
      lastUser: "What does 'You are a title generator. You output ONLY a thread title' mean?",
    },
    {
      system: "",
      lastUser: `${"x".repeat(3000)}Please write a 5-10 word title for the following conversation`,
    },
  ])("leave the person's own work alone: %j", (facts) => {
    expect(backgroundRule({ ...facts, tools: false })).toBeUndefined();
  });
});
