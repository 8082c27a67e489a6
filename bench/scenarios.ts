/** What is sent, and how much of the pipe's CPU time it may cost. */
import type { Load } from "./load.ts";

export interface Scenario extends Load {
  readonly name: string;
  /** Highest allowed ratio of CPU to that of what it is compared with. */
  readonly target: number;
  /** What it is compared with; the pipe, if not said otherwise. */
  readonly against?: "unrecorded";
}

const message = { role: "user", content: "Say two hundred words. ".repeat(80) };
const CHAT = "/v1/chat/completions";

/** @param pace a stop sequence, by which the provider knows how to send it */
const chatBody = (model: string, pace?: string) =>
  JSON.stringify({
    model,
    stream: true,
    stream_options: { include_usage: true },
    ...(pace === undefined ? {} : { stop: [pace] }),
    messages: [message],
  });
const messagesBody = (pace?: string) =>
  JSON.stringify({
    model: "bench",
    max_tokens: 1000,
    stream: true,
    ...(pace === undefined ? {} : { stop_sequences: [pace] }),
    messages: [message],
  });

export const PLAIN = { path: CHAT, body: JSON.stringify({ model: "bench", messages: [message] }) };
export const SHORT = { path: CHAT, body: chatBody("bench-anthropic", "short") };
export const SLOW = { path: CHAT, body: chatBody("bench", "slow") };

const drips = { requests: 160, atOnce: 16 };
const bursts = { requests: 400, atOnce: 16 };

export const SCENARIOS: readonly Scenario[] = [
  { name: "plain, 1 at once", ...PLAIN, requests: 1000, atOnce: 1, target: 1.8 },
  { name: "plain, 16 at once", ...PLAIN, requests: 1600, atOnce: 16, target: 1.8 },
  { name: "plain, 32 at once", ...PLAIN, requests: 1600, atOnce: 32, target: 1.8 },
  { name: "bursts, passthrough", ...bursts, path: CHAT, body: chatBody("bench", "bursts"), target: 1.35 },
  {
    name: "bursts, chat client at Anthropic",
    ...bursts,
    path: CHAT,
    body: chatBody("bench-anthropic", "bursts"),
    target: 2,
  },
  {
    name: "bursts, Anthropic client at chat",
    ...bursts,
    path: "/v1/messages",
    body: messagesBody("bursts"),
    target: 2,
  },
  { name: "drips, passthrough", ...drips, path: CHAT, body: chatBody("bench"), target: 1.15 },
  {
    name: "drips, chat client at Anthropic",
    ...drips,
    path: CHAT,
    body: chatBody("bench-anthropic"),
    target: 1.35,
  },
  {
    name: "drips, Anthropic client at chat",
    ...drips,
    path: "/v1/messages",
    body: messagesBody(),
    target: 1.35,
  },
  {
    name: "recording, short stream",
    path: CHAT,
    body: chatBody("bench", "short"),
    requests: 1000,
    atOnce: 16,
    target: 1.15,
    against: "unrecorded",
  },
];
