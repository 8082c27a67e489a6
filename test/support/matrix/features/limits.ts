/** Texts, names and types that one protocol takes and another refuses. */
import { createHash } from "node:crypto";
import { dropped, type Feature, kept, mapped } from "../feature.ts";

const LONG = "user-".repeat(30);
const SHORT = createHash("sha256").update(LONG).digest("hex");

export const LIMITS: readonly Feature[] = [
  {
    name: "ids of users and keys of caches longer than 64 characters",
    group: "Rest",
    says: {
      "openai-chat": { user: LONG, prompt_cache_key: LONG },
      "openai-responses": { user: LONG, prompt_cache_key: LONG },
    },
    gets: {
      "openai-chat": mapped("a digest, always the same", { user: SHORT, prompt_cache_key: SHORT }),
      "openai-responses": mapped("a digest, always the same", { user: SHORT, prompt_cache_key: SHORT }),
      anthropic: kept({ metadata: { user_id: LONG } }, "512 characters are taken there"),
      gemini: dropped("", /user/),
    },
  },
  {
    name: "`metadata.user_id` longer than 64 characters",
    group: "Rest",
    says: { anthropic: { metadata: { user_id: LONG } } },
    gets: {
      "openai-chat": mapped("a digest, always the same", { user: SHORT }),
      "openai-responses": mapped("a digest, always the same", { user: SHORT }),
      anthropic: kept({}),
      gemini: dropped("", /user/),
    },
  },
];
