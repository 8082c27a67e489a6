/**
 * What an Anthropic client may send, by the types of `@anthropic-ai/sdk` (stable and beta
 * messages). Loose: a field that is not known is kept. Blocks are checked one by one by their
 * `type`, so that an error names the very field and an unknown block is no error.
 */
import * as z from "zod";
import { checked } from "../validate.ts";

const object = z.record(z.string(), z.unknown());
const cacheControl = z.looseObject({ type: z.string(), ttl: z.string().nullish() }).nullish();
const either = <T extends z.ZodType>(item: T, what: string) =>
  z.union([z.string(), z.array(item)], { error: `expected a string or an array of ${what}` });

export const messageSchema = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: either(z.looseObject({ type: z.string() }), "content blocks, each with a type").nullish(),
});

export const textBlock = z.looseObject({
  type: z.literal("text"),
  text: z.string(),
  cache_control: cacheControl,
  citations: z.array(object).nullish(),
});
export const imageBlock = z.looseObject({
  source: z.looseObject({ type: z.string() }),
  cache_control: cacheControl,
});
export const documentBlock = z.looseObject({
  source: z.looseObject({ type: z.string() }),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.looseObject({ enabled: z.boolean().nullish() }).nullish(),
  cache_control: cacheControl,
});
export const searchResultBlock = z.looseObject({
  source: z.string(),
  title: z.string(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string() })),
  cache_control: cacheControl,
});
export const base64Source = z.looseObject({ media_type: z.string(), data: z.string() });
export const urlSource = z.looseObject({ url: z.string() });
export const fileSource = z.looseObject({ file_id: z.string() });
export const textSource = z.looseObject({ data: z.string(), media_type: z.string().optional() });
export const contentSource = z.looseObject({
  content: either(z.looseObject({ type: z.string() }), "content blocks"),
});
export const thinkingBlock = z.looseObject({ thinking: z.string(), signature: z.string().nullish() });
export const redactedBlock = z.looseObject({ data: z.string() });
export const toolUseBlock = z.looseObject({
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.unknown(),
  cache_control: cacheControl,
});
export const toolResultBlock = z.looseObject({
  tool_use_id: z.string().min(1),
  content: either(z.looseObject({ type: z.string() }), "content blocks").nullish(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
});

export const toolSchema = z.looseObject({
  type: z.string().nullish(),
  name: z.string().optional(),
  description: z.string().nullish(),
  input_schema: object.optional(),
  strict: z.boolean().nullish(),
  defer_loading: z.boolean().nullish(),
  cache_control: cacheControl,
});

const jsonFormat = z.looseObject({ type: z.literal("json_schema"), schema: object });

export const requestSchema = z.looseObject({
  model: z.string().min(1).optional(),
  messages: z.array(z.unknown()).min(1, "expected at least one message"),
  max_tokens: z.int().min(0).nullish(),
  system: either(z.unknown(), "text blocks").nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z
    .looseObject({
      type: z.enum(["auto", "any", "tool", "none"]),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().nullish(),
    })
    .nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().nullish() }).nullish(),
  output_config: z
    .looseObject({
      effort: z.string().nullish(),
      format: jsonFormat.nullish(),
    })
    .nullish(),
  output_format: jsonFormat.nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().nullish(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).nullish(),
  service_tier: z.string().nullish(),
});
export type WireRequest = z.infer<typeof requestSchema>;

/**
 * @param path where `value` is in the request, e.g. `messages[2].content[0]`.
 * @throws PorticoError `invalid_request` naming the field and what is allowed there.
 */
export function check<T extends z.ZodType>(schema: T, value: unknown, path: string): z.infer<T> {
  return checked(schema, value, path, (field, problem) => {
    const reason = problem.replace(/^Invalid (input|option): /, "");
    return field === "" ? reason : `${field}: ${reason}`;
  });
}
