/** System text, roles and prefill. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";

const chatSystem = (role: string) => ({
  messages: [
    { role, content: "Be brief." },
    { role: "user", content: "hi" },
  ],
});
const middle = [
  { role: "user", content: "hi" },
  { role: "assistant", content: "Hello." },
  { role: "system", content: "Now be loud." },
  { role: "user", content: "again" },
];
const prefill = [
  { role: "user", content: "Count." },
  { role: "assistant", content: "One, two," },
];

export const PROMPT: readonly Feature[] = [
  {
    name: "system text",
    group: "Prompt",
    says: {
      "openai-chat": chatSystem("system"),
      "openai-responses": { instructions: "Be brief." },
      anthropic: { system: "Be brief." },
      gemini: { systemInstruction: "Be brief." },
    },
    gets: {
      "openai-chat": kept({ "messages.0": { role: "system", content: "Be brief." } }),
      "openai-responses": kept({ instructions: "Be brief." }),
      anthropic: kept({ "system.0.text": "Be brief." }),
      gemini: kept({ "systemInstruction.parts.0.text": "Be brief." }),
    },
  },
  {
    name: "`developer` role",
    group: "Prompt",
    says: {
      "openai-chat": chatSystem("developer"),
      "openai-responses": {
        input: [
          { role: "developer", content: "Be brief." },
          { role: "user", content: "hi" },
        ],
      },
    },
    gets: {
      "openai-chat": kept({ "messages.0": { role: "developer", content: "Be brief." } }),
      "openai-responses": kept({ "input.0.role": "developer" }),
      anthropic: mapped("system text", { "system.0.text": "Be brief." }),
      gemini: mapped("system text", { "systemInstruction.parts.0.text": "Be brief." }),
    },
  },
  {
    name: "system text within the conversation",
    group: "Prompt",
    says: { "openai-chat": { messages: middle }, "openai-responses": { input: middle } },
    gets: {
      "openai-chat": kept({ "messages.2.content": "Now be loud." }),
      "openai-responses": kept({ "input.2.role": "system" }),
      anthropic: mapped(
        "marked text of the user, for models without it",
        { "messages.2.content.0.text": "<system>\nNow be loud.\n</system>" },
        /system message/,
      ),
      gemini: mapped("text of the user", { "contents.2.parts.0.text": "Now be loud." }, /system message/),
    },
  },
  {
    name: "prefill (a last message of the assistant)",
    group: "Prompt",
    says: {
      "openai-chat": { messages: prefill },
      "openai-responses": { input: prefill },
      anthropic: { messages: prefill },
      gemini: {
        contents: [
          { role: "user", parts: [{ text: "Count." }] },
          { role: "model", parts: [{ text: "One, two," }] },
        ],
      },
    },
    gets: {
      "openai-chat": mapped(
        "sent; OpenAI answers with a new message",
        { "messages.1.content": "One, two," },
        /last assistant message/,
      ),
      "openai-responses": mapped(
        "sent; OpenAI answers with a new message",
        { "input.1.role": "assistant" },
        /last assistant message/,
      ),
      anthropic: kept(
        { "messages.1": { role: "assistant", content: "One, two," } },
        "newer models are asked to go on",
      ),
      gemini: kept({ "contents.1": { role: "model", parts: [{ text: "One, two," }] } }),
    },
  },
  {
    name: "names of speakers",
    group: "Prompt",
    says: { "openai-chat": { messages: [{ role: "user", name: "Ada", content: "hi" }] } },
    gets: {
      "openai-chat": kept({}),
      "openai-responses": dropped("", /name/),
      anthropic: dropped("", /name/),
      gemini: dropped("", /name/),
    },
  },
];
