/**
 * What a request of the Responses API must look like. Loose: unknown fields pass. Reference:
 * `ResponseCreateParams` and `ResponseInputItem` of the official `openai` package.
 */
import * as z from "zod";
import { checked } from "../validate.ts";

const text = z.string();
const optionalText = text.nullish();
const optionalNumber = z.number().nullish();
const flag = z.boolean().nullish();
const anyFields = z.record(text, z.unknown());

export const requestSchema = z.looseObject({
  model: optionalText,
  input: z.union([text, z.array(z.unknown())], { error: "expected a text or a list of items" }).nullish(),
  instructions: optionalText,
  stream: flag,
  store: flag,
  parallel_tool_calls: flag,
  temperature: optionalNumber,
  top_p: optionalNumber,
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  metadata: anyFields.nullish(),
  user: optionalText,
  service_tier: optionalText,
  prompt_cache_key: optionalText,
  prompt_cache_retention: optionalText,
  previous_response_id: optionalText,
  conversation: z
    .union([text, z.looseObject({ id: text })], { error: "expected an id or an object with an id" })
    .nullish(),
  include: z.array(text).nullish(),
  tools: z.array(z.looseObject({ type: text })).nullish(),
  tool_choice: z
    .union([text, z.looseObject({ type: text })], { error: "expected a text or an object with a type" })
    .nullish(),
  reasoning: z
    .looseObject({ effort: optionalText, summary: optionalText, generate_summary: optionalText })
    .nullish(),
  text: z.looseObject({ format: z.looseObject({ type: text }).nullish(), verbosity: optionalText }).nullish(),
});

export type WireRequest = z.infer<typeof requestSchema>;

const id = { id: optionalText };
const call = { ...id, call_id: text };

/** An item's content or a tool's output. */
const content = z.union([text, z.array(z.looseObject({ type: text }))], {
  error: "expected a text or a list of parts with a type",
});
const action = z.looseObject({});

/** Input items by type; others pass unchecked. */
export const itemSchemas = {
  message: z.looseObject({
    ...id,
    role: z.enum(["user", "assistant", "system", "developer"]),
    content,
    phase: optionalText,
  }),
  reasoning: z.looseObject({
    ...id,
    summary: z.array(z.looseObject({ text })).nullish(),
    content: z.array(z.looseObject({ text })).nullish(),
    encrypted_content: optionalText,
  }),
  function_call: z.looseObject({ ...call, name: text, arguments: text, namespace: optionalText }),
  custom_tool_call: z.looseObject({ ...call, name: text, input: text, namespace: optionalText }),
  function_call_output: z.looseObject({ ...id, call_id: optionalText, name: optionalText, output: content }),
  custom_tool_call_output: z.looseObject({ ...call, output: content }),
  local_shell_call: z.looseObject({ ...call, action }),
  local_shell_call_output: z.looseObject({ ...id, call_id: optionalText, output: text }),
  shell_call: z.looseObject({ ...call, action }),
  shell_call_output: z.looseObject({
    ...call,
    output: z.array(z.looseObject({ stdout: optionalText, stderr: optionalText })),
  }),
  apply_patch_call: z.looseObject({ ...call, operation: action }),
  apply_patch_call_output: z.looseObject({ ...call, status: optionalText, output: optionalText }),
  computer_call: z.looseObject({ ...call }),
  computer_call_output: z.looseObject({ ...call, output: action }),
  tool_search_call: z.looseObject({ ...id, call_id: optionalText, execution: optionalText }),
  tool_search_output: z.looseObject({
    ...id,
    call_id: optionalText,
    execution: optionalText,
    tools: z.array(z.looseObject({ type: text })),
  }),
  additional_tools: z.looseObject({ ...id, tools: z.array(z.looseObject({ type: text })) }),
} as const;

export type ItemType = keyof typeof itemSchemas;
export type Item<T extends ItemType> = z.infer<(typeof itemSchemas)[T]>;

export const functionToolSchema = z.looseObject({
  name: text,
  description: optionalText,
  parameters: z.union([anyFields, z.boolean()]).nullish(),
  strict: flag,
  defer_loading: flag,
});
export const customToolSchema = z.looseObject({
  name: text,
  description: optionalText,
  format: z
    .union([
      z.looseObject({ type: z.literal("text") }),
      z.looseObject({
        type: z.literal("grammar"),
        syntax: z.enum(["lark", "regex"]),
        definition: text,
      }),
    ])
    .nullish(),
});
export const namespaceToolSchema = z.looseObject({
  name: text,
  description: optionalText,
  tools: z.array(z.looseObject({ type: text, name: text })),
});
export const jsonSchemaFormat = z.looseObject({
  type: z.literal("json_schema"),
  name: optionalText,
  schema: anyFields,
  description: optionalText,
  strict: flag,
});

/** `value` in the schema's shape. @throws PorticoError `invalid_request` that names the field. */
export function check<T extends z.ZodType>(schema: T, value: unknown, base: string): z.infer<T> {
  return checked(schema, value, base, (field, problem) => {
    const named = field === "" ? "The body" : `'${field}'`;
    return `${named}: ${problem.replace(/^Invalid input: /, "")}.`;
  });
}
