/** What the gateway asks about Gemini's API beside translating it. */
import { lastUsage, type Wire } from "../wire.ts";
import { decodeUsage } from "./usage.ts";

export const wire: Wire = {
  protocol: "gemini",
  usage: { keys: ["usageMetadata", "usage_metadata"], restated: true, reader: () => lastUsage(decodeUsage) },
};
