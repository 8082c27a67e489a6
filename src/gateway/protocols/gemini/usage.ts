/**
 * Token counts. On the wire `promptTokenCount` includes the cached tokens, `candidatesTokenCount`
 * does not include the thoughts, and what Google's own tools fed back counts by itself.
 */
import { fieldsOf } from "../../common/json.ts";
import type { Usage } from "../chat.ts";
import { fieldOf, type Json, numberOf } from "./values.ts";

/** `undefined` where nothing was counted (Vertex sends `trafficType` alone until the end). */
export function decodeUsage(value: unknown): Usage | undefined {
  const wire = fieldsOf(value);
  const count = (name: string) => {
    const number = numberOf(fieldOf(wire, name));
    return number === undefined ? undefined : Math.max(0, Math.trunc(number));
  };
  const prompt = count("promptTokenCount");
  const total = count("totalTokenCount");
  if (prompt === undefined && total === undefined) return undefined;
  const reasoning = count("thoughtsTokenCount") ?? 0;
  const input = (prompt ?? 0) + (count("toolUsePromptTokenCount") ?? 0);
  const written = count("candidatesTokenCount") ?? Math.max(0, (total ?? 0) - input - reasoning);
  const cacheRead = Math.min(count("cachedContentTokenCount") ?? 0, input);
  return {
    input: { total: input, uncached: input - cacheRead, cacheRead, cacheWrite: 0 },
    output: { total: written + reasoning, reasoning },
  };
}

export function encodeUsage(usage: Usage): Json {
  const { input, output } = usage;
  return {
    promptTokenCount: input.total,
    candidatesTokenCount: Math.max(0, output.total - output.reasoning),
    totalTokenCount: input.total + output.total,
    ...(input.cacheRead > 0 ? { cachedContentTokenCount: input.cacheRead } : {}),
    ...(output.reasoning > 0 ? { thoughtsTokenCount: output.reasoning } : {}),
  };
}
