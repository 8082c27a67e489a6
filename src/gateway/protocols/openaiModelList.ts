/**
 * Lists of models as OpenAI has them: https://platform.openai.com/docs/api-reference/models/list, with what
 * compatible servers add (context windows under several names).
 */
import * as z from "zod";
import { compact } from "../common/json.ts";
import {
  listedCount as count,
  lenient,
  listed,
  listedId,
  type ModelList,
  type ServedModel,
  listedText as text,
} from "./modelList.ts";

const model = z.object({
  id: listedId,
  created: lenient(z.number().positive()),
  name: text,
  display_name: text,
  // OpenRouter; Groq; Mistral and LM Studio; vLLM
  context_length: count,
  context_window: count,
  max_context_length: count,
  max_model_len: count,
  max_completion_tokens: count,
  top_provider: lenient(z.object({ max_completion_tokens: count })),
});
const page = z.union([
  // An empty list of Ollama's is null, Together's is the array alone.
  z.object({ data: z.array(z.unknown()).nullable() }).transform(({ data }) => data ?? []),
  z.array(z.unknown()),
]);

/**
 * OpenAI's own four fields, and what is known beside them under the names that clients look for: OpenRouter's and
 * Groq's (`context_length`, `context_window`, `architecture`, `top_provider`), vLLM's (`max_model_len`), LiteLLM's
 * (`max_input_tokens`, `max_output_tokens`).
 */
function encodeOne({
  id,
  label,
  created = 0,
  provider,
  contextWindow,
  maxOutputTokens,
  traits,
}: ServedModel) {
  return compact({
    id,
    object: "model" as const,
    // 0 where nobody says.
    created,
    owned_by: provider,
    name: label,
    context_length: contextWindow,
    context_window: contextWindow,
    max_model_len: contextWindow,
    max_input_tokens: contextWindow,
    max_output_tokens: maxOutputTokens,
    max_completion_tokens: maxOutputTokens,
    architecture: traits === undefined ? undefined : { input_modalities: modalities(traits.input) },
  });
}

/** In OpenRouter's words. */
function modalities({ image, pdf, audio }: NonNullable<ServedModel["traits"]>["input"]): string[] {
  return ["text", ...(image ? ["image"] : []), ...(pdf ? ["file"] : []), ...(audio ? ["audio"] : [])];
}

/** It has no pages. */
export const openaiModelList = {
  path: () => "/models",
  parse: (body) => ({
    models: listed(page.parse(body), model, (entry) => ({
      // Gemini's OpenAI-compatible list gives resource names.
      id: entry.id.replace(/^models\//, ""),
      label: entry.display_name ?? entry.name,
      created: entry.created === undefined ? undefined : Math.floor(entry.created),
      contextWindow:
        entry.context_length ?? entry.context_window ?? entry.max_context_length ?? entry.max_model_len,
      maxOutputTokens: entry.top_provider?.max_completion_tokens ?? entry.max_completion_tokens,
    })),
  }),
  encode: (models: readonly ServedModel[]) => ({ object: "list" as const, data: models.map(encodeOne) }),
  encodeOne,
} satisfies ModelList;
