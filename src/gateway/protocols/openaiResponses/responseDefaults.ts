/**
 * What a response object says where nothing else is known. The keys are those that every one has to have:
 * `ResponseResource` of https://www.openresponses.org/specification (2026-04-24), of which OpenAI's own are a part.
 */
export const RESPONSE_DEFAULTS = {
  object: "response",
  completed_at: null,
  background: false,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  output: [],
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  store: true,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
} as const;
