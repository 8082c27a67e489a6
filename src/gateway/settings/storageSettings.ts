/** What is kept of requests, in memory and on the disk, and how much of it. */
import * as z from "zod";
import { ABOUT } from "./about.ts";

/** Unit: bytes. */
export const MiB = 1024 * 1024;

/** Stored responses and conversations, for targets without `/v1/responses`. */
export const responsesSchema = z.strictObject({
  maxCount: z.int().min(0).max(100_000).default(1000).register(ABOUT, {
    meaning: "responses kept for `previous_response_id` where the provider keeps none",
  }),
  maxBytes: z
    .int()
    .min(0)
    .max(4096 * MiB)
    .default(128 * MiB)
    .register(ABOUT, { meaning: "of all of them, as JSON" }),
  maxAgeMs: z
    .int()
    .min(1000)
    .max(30 * 86_400_000)
    .default(86_400_000)
    .register(ABOUT, { meaning: "since the last use" }),
  webSocket: z.boolean().default(true).register(ABOUT, {
    meaning: "take `/v1/responses` as a WebSocket, too; without it clients use HTTP",
  }),
  onDisk: z.boolean().default(false).register(ABOUT, {
    home: "vscode",
    group: "storage",
    opens: false,
    label: "Keep stored responses on disk",
    meaning: "keep stored responses and conversations (their words!) across restarts, in the data folder",
    description:
      "Keep stored responses and conversations across restarts, in Portico's data folder. They hold what was said; otherwise that stays in memory.",
  }),
  onDiskMaxBytes: z
    .int()
    .min(1024)
    .max(256 * MiB)
    .default(16 * MiB)
    .register(ABOUT, { meaning: "of that file; the latest stay" }),
  onDiskMaxAgeMs: z
    .int()
    .min(1000)
    .max(30 * 86_400_000)
    .default(86_400_000)
    .register(ABOUT, { meaning: "since the last use" }),
});

/** What is kept of finished requests, in `portico.db`. */
export const recordsSchema = z.strictObject({
  enabled: z.boolean().default(true).register(ABOUT, {
    home: "portico",
    label: "Record requests",
    meaning: "keep a line per request and what they add up to, in `portico.db`",
  }),
  maxAgeDays: z.int().min(1).max(3650).default(30).register(ABOUT, {
    home: "portico",
    label: "Days to keep requests",
    meaning: "how long requests are kept; statistics stay",
  }),
  maxRows: z.int().min(100).max(10_000_000).default(1_000_000).register(ABOUT, {
    home: "portico",
    label: "Requests to keep",
    meaning: "how many requests are kept",
  }),
  maxBytes: z
    .int()
    .min(10 * MiB)
    .max(10_240 * MiB)
    .default(300 * MiB)
    .register(ABOUT, { home: "portico", label: "Size of the records", meaning: "of the whole file" }),
  bodies: z.boolean().default(false).register(ABOUT, {
    home: "portico",
    label: "Record bodies",
    meaning: "keep headers and bodies as well: without keys, pictures and files",
  }),
  bodyMaxBytes: z
    .int()
    .min(1024)
    .max(16 * MiB)
    .default(64 * 1024)
    .register(ABOUT, {
      home: "portico",
      label: "Size of one recorded body",
      meaning: "of one body; the rest is left out",
    }),
  bodiesMaxBytes: z
    .int()
    .min(MiB)
    .max(1024 * MiB)
    .default(50 * MiB)
    .register(ABOUT, { home: "portico", label: "Size of all recorded bodies", meaning: "of all bodies" }),
  bodiesMaxHours: z.int().min(1).max(720).default(24).register(ABOUT, {
    home: "portico",
    label: "Hours to keep bodies",
    meaning: "how long bodies are kept",
  }),
});
