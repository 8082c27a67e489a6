/** What the gateway asks about the Responses API beside translating it. */
import { lastUsage, type Wire } from "../wire.ts";
import { decodeUsage } from "./usage.ts";

export const wire: Wire = {
  protocol: "openai-responses",
  usage: { keys: ["usage"], restated: true, reader: () => lastUsage(decodeUsage) },
};
