/** What a person's own route changes in a request's body of this protocol. */
import { type Fields, fieldsOf, isRecord, listOf, numberOf } from "../../common/json.ts";
import { traitsOf } from "../../models/traitsOf.ts";
import { type EditPlace, lowered } from "../bodyEdits.ts";
import type { Effort } from "../chat.ts";
import { thinkingConfig } from "./request/thinking.ts";

export function withPrefix(body: Fields, prefix: string): Fields {
  const name = "system_instruction" in body ? "system_instruction" : "systemInstruction";
  const own = isRecord(body[name]) ? body[name] : {};
  return { ...body, [name]: { ...own, parts: [{ text: prefix }, ...listOf(own.parts)] } };
}

export function withLimit(body: Fields, limit: number): Fields {
  return inConfig(body, (config) => ({
    ...config,
    maxOutputTokens: lowered(config.maxOutputTokens ?? config.max_output_tokens, limit),
  }));
}

export function withEffort(body: Fields, effort: Effort, { model, provider }: EditPlace): Fields {
  return inConfig(body, ({ thinkingConfig: own, thinking_config: other, ...config }) => {
    const {
      thinkingBudget: _budget,
      thinkingLevel: _level,
      ...rest
    } = isRecord(own ?? other) ? ((own ?? other) as Fields) : {};
    const wanted = thinkingConfig({ effort }, model, traitsOf(model, provider), () => {}) ?? {};
    return { ...config, thinkingConfig: { ...rest, ...wanted } };
  });
}

export function outputLimit(body: Fields): number | undefined {
  const config = fieldsOf(body.generationConfig ?? body.generation_config);
  return numberOf(config.maxOutputTokens) ?? numberOf(config.max_output_tokens);
}

function inConfig(body: Fields, change: (config: Fields) => Fields): Fields {
  const name = "generation_config" in body ? "generation_config" : "generationConfig";
  const own = body[name];
  return { ...body, [name]: change(isRecord(own) ? own : {}) };
}
