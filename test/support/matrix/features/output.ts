/** The shape and length of the answer. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";
import { SCHEMA } from "../says.ts";

export const OUTPUT: readonly Feature[] = [
  {
    name: "JSON by schema",
    group: "Output",
    says: {
      "openai-chat": {
        response_format: { type: "json_schema", json_schema: { name: "out", strict: true, schema: SCHEMA } },
      },
      "openai-responses": {
        text: { format: { type: "json_schema", name: "out", strict: true, schema: SCHEMA } },
      },
      anthropic: { output_config: { format: { type: "json_schema", schema: SCHEMA } } },
      gemini: { responseMimeType: "application/json", responseJsonSchema: SCHEMA },
    },
    gets: {
      "openai-chat": kept({ "response_format.json_schema.schema": SCHEMA }),
      "openai-responses": kept({ "text.format.schema": SCHEMA }),
      anthropic: mapped(
        "`output_config.format` where its dialect has every keyword; recursion is asked for in words",
        {
          "system.0.text": `Answer with one JSON value that matches this JSON Schema and nothing else: no prose, no code fence.\n${JSON.stringify(SCHEMA)}`,
        },
        /in words/,
      ),
      gemini: kept(
        {
          "generationConfig.responseMimeType": "application/json",
          "generationConfig.responseJsonSchema.$defs": SCHEMA.$defs,
        },
        "`responseJsonSchema`; older models: `responseSchema` in its dialect",
      ),
    },
  },
  {
    name: "JSON without schema",
    group: "Output",
    says: {
      "openai-chat": {
        messages: [{ role: "user", content: "Give JSON" }],
        response_format: { type: "json_object" },
      },
      "openai-responses": { input: "Give JSON", text: { format: { type: "json_object" } } },
      gemini: { responseMimeType: "application/json" },
    },
    gets: {
      "openai-chat": kept(
        { response_format: { type: "json_object" } },
        "the word JSON is added where it is missing",
      ),
      "openai-responses": kept(
        { "text.format": { type: "json_object" } },
        "the word JSON is added where it is missing",
      ),
      anthropic: mapped(
        "asked for in words",
        { "system.0.text": "Answer with one valid JSON object and nothing else: no prose, no code fence." },
        /in words/,
      ),
      gemini: kept({ "generationConfig.responseMimeType": "application/json" }),
    },
  },
  {
    name: "limit of output tokens",
    group: "Output",
    says: {
      "openai-chat": { max_completion_tokens: 300 },
      "openai-responses": { max_output_tokens: 300 },
      anthropic: { max_tokens: 300 },
      gemini: { maxOutputTokens: 300 },
    },
    gets: {
      "openai-chat": kept({ max_completion_tokens: 300 }),
      "openai-responses": kept({ max_output_tokens: 300 }),
      anthropic: kept(
        { max_tokens: 300 },
        "required there: 32,000 where the client names none, or the model's limit",
      ),
      gemini: kept({ "generationConfig.maxOutputTokens": 300 }),
    },
  },
  {
    name: "stop sequences",
    group: "Output",
    says: {
      "openai-chat": { stop: ["END", "FIN"] },
      anthropic: { stop_sequences: ["END", "FIN"] },
      gemini: { stopSequences: ["END", "FIN"] },
    },
    gets: {
      "openai-chat": kept({ stop: ["END", "FIN"] }),
      "openai-responses": dropped("", /stop/),
      anthropic: kept({ stop_sequences: ["END", "FIN"] }),
      gemini: kept({ "generationConfig.stopSequences": ["END", "FIN"] }),
    },
  },
  {
    name: "more than four stop sequences",
    group: "Output",
    says: { anthropic: { stop_sequences: ["A", "B", "C", "D", "E", "F"] } },
    gets: {
      "openai-chat": mapped("the first four", { stop: ["A", "B", "C", "D"] }, /stop/),
      "openai-responses": dropped("", /stop/),
      anthropic: kept({}),
      gemini: mapped(
        "the first five",
        { "generationConfig.stopSequences": ["A", "B", "C", "D", "E"] },
        /stop/,
      ),
    },
  },
  {
    name: "several answers",
    group: "Output",
    says: { "openai-chat": { n: 2 }, gemini: { candidateCount: 2 } },
    gets: {
      "openai-chat": kept({ n: 2 }),
      "openai-responses": dropped("one answer", /n:/),
      anthropic: dropped("one answer", /n:/),
      gemini: kept({ "generationConfig.candidateCount": 2 }),
    },
  },
  {
    name: "log probabilities",
    group: "Output",
    says: {
      "openai-chat": { logprobs: true, top_logprobs: 3 },
      "openai-responses": { include: ["message.output_text.logprobs"], top_logprobs: 3 },
      gemini: { responseLogprobs: true, logprobs: 3 },
    },
    gets: {
      "openai-chat": kept({ logprobs: true, top_logprobs: 3 }),
      "openai-responses": kept({ top_logprobs: 3, include: ["message.output_text.logprobs"] }),
      anthropic: dropped("", /logprobs/),
      gemini: kept({ "generationConfig.responseLogprobs": true, "generationConfig.logprobs": 3 }),
    },
  },
  {
    name: "verbosity",
    group: "Output",
    model: "reasoning",
    says: { "openai-chat": { verbosity: "low" }, "openai-responses": { text: { verbosity: "low" } } },
    gets: {
      "openai-chat": kept({ verbosity: "low" }),
      "openai-responses": kept({ "text.verbosity": "low" }),
      anthropic: dropped("", /verbosity/),
      gemini: dropped("", /verbosity/),
    },
  },
];
