/**
 * Sentences by which providers tell of an account in words alone, with a code that they also use for
 * wrong requests, or with none. Each begins the message: what a message repeats of a request comes
 * later. Statuses of 500 and more are left out, they tell of the provider.
 *
 * https://platform.claude.com/docs/en/api/errors
 * https://ai.google.dev/gemini-api/docs/troubleshooting
 * https://openrouter.ai/docs/api/reference/errors-and-debugging
 * https://docs.x.ai/developers/debugging
 * https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html
 * https://docs.ollama.com/api/errors
 * https://platform.openai.com/docs/guides/error-codes
 * and what their users report.
 */
import type { ProviderId } from "../providers/ids.ts";
import type { FailureRule } from "./failureRules.ts";

type Sentence = Pick<FailureRule, "class" | "scope" | "next" | "status"> & { readonly text: RegExp };

/** A model's name, without quotes and blanks. */
const NAME = String.raw`[\w./:@+~-]{1,200}`;
/** The same in quotes. */
const QUOTED = `["'\`]${NAME}["'\`]`;

const MODEL_OR_ACCESS: readonly Sentence[] = [
  {
    class: "model",
    text: new RegExp(`^The model (?:${QUOTED}|${NAME}) does not exist(?: or |[.]|$)`),
    status: [400, 403, 404],
  },
];

const SENTENCES: Readonly<Partial<Record<ProviderId, readonly Sentence[]>>> = {
  openai: [
    { class: "model", text: /^Your organization must be verified to use the model / },
    // Another way to ask for the same model works.
    { class: "model", text: /^Your organization must be verified to /, scope: "none" },
    { class: "model", text: /^This is not a chat model /, scope: "none" },
    { class: "model", text: /^This model is only supported in v1\//, scope: "none" },
    { class: "permission", text: /^You have insufficient permissions for this operation\./ },
    { class: "billing", text: /^You exceeded your current quota, please check your plan and billing/ },
    { class: "billing", text: /^Billing hard limit has been reached/ },
    ...MODEL_OR_ACCESS,
  ],
  anthropic: [
    { class: "billing", text: /^Your credit balance is too low to access the (?:Anthropic|Claude) API/ },
    { class: "permission", text: /^(?:This|Your) (?:organization|account|workspace) has been disabled\b/ },
    { class: "permission", text: /^This credential is only authorized for use with / },
    {
      class: "quota",
      text: /^(?:You have|This workspace has) reached (?:your|its) specified (?:workspace )?API usage limits/,
      scope: "account",
    },
    { class: "model", text: new RegExp(`^model: ${NAME}$`), status: [404] },
  ],
  gemini: [
    { class: "credential", text: /^API key (?:not valid|expired|not found)\. Please /i },
    { class: "credential", text: /^Your API key was reported as leaked\./ },
    { class: "permission", text: /^User location is not supported for the API use/ },
    { class: "permission", text: /^Permission denied: Consumer .{1,200} has been suspended/ },
    { class: "billing", text: /^Gemini API free tier is not available in your country\./ },
    {
      class: "model",
      text: new RegExp(`^(?:models/)?${NAME} is not found for API version `),
      status: [400, 404],
    },
    {
      class: "model",
      text: new RegExp(`^This model (?:models/)?${NAME} is no longer available`),
      status: [400, 404],
    },
  ],
  vertex: [
    {
      class: "model",
      text: new RegExp(`^Publisher Model (?:${QUOTED}|${NAME}) (?:was )?not found`, "i"),
      status: [400, 404],
    },
    { class: "permission", text: /^Permission 'aiplatform\.endpoints\.predict' denied on resource / },
    { class: "billing", text: /^This API method requires billing to be enabled\./ },
  ],
  openrouter: [
    // The request asked for more than the endpoints of this model have; the next may not.
    { class: "model", text: /^No endpoints found that (?:support|can handle) /, scope: "none" },
    {
      class: "model",
      text: /^No endpoints (?:found|available) matching your (?:data policy|guardrail)/,
    },
    { class: "model", text: new RegExp(`^No endpoints (?:found|available) for ${NAME}`) },
    { class: "model", text: /^No allowed providers are available for the selected model/ },
    { class: "model", text: new RegExp(`^${NAME} is not a valid model ID\\.?$`) },
    { class: "billing", text: /^Key limit exceeded/ },
    { class: "billing", text: /^Insufficient credits\b/ },
  ],
  deepseek: [
    { class: "model", text: /^Model Not Exist\.?$/ },
    { class: "billing", text: /^Insufficient Balance\.?$/ },
  ],
  groq: [...MODEL_OR_ACCESS, { class: "permission", text: /^Organization has been restricted\./ }],
  mistral: [
    { class: "model", text: new RegExp(`^Invalid model: (?:${QUOTED}|${NAME})$`) },
    { class: "credential", text: /^Unauthorized$/ },
  ],
  xai: [
    { class: "credential", text: /^(?:Incorrect|Invalid) API key provided\b/ },
    { class: "billing", text: /^Your (?:newly created )?team .{1,100}(?:credits|spending limit|licenses)/ },
    { class: "billing", text: /^You have run out of credits\b/ },
    ...MODEL_OR_ACCESS,
    { class: "model", text: new RegExp(`^Model not found: (?:${QUOTED}|${NAME})$`) },
  ],
  moonshot: [
    { class: "model", text: new RegExp(`^Not found the model (?:${QUOTED}|${NAME}) or Permission denied`) },
    { class: "permission", text: /^Your account .{1,200} (?:is suspended|has been suspended)/ },
  ],
  "azure-openai": [
    { class: "model", text: /^The API deployment for this resource does not exist\b/ },
    {
      class: "model",
      text: new RegExp(`^The \\w+ operation does not work with the specified model, ${NAME}`),
      scope: "none",
    },
    { class: "credential", text: /^Access denied due to invalid subscription key\b/ },
  ],
  ollama: [
    {
      class: "model",
      text: new RegExp(`^model ${QUOTED} not found(?:, try pulling it first)?\\.?$`),
      status: [404],
    },
  ],
  lmstudio: [
    { class: "model", text: /^No models loaded\./ },
    { class: "model", text: new RegExp(`^Model ${QUOTED} not found`, "i"), status: [404] },
  ],
  vllm: MODEL_OR_ACCESS,
};

/** What one of these texts is known to mean at this provider, if it is. */
export function knownSentence(
  provider: ProviderId,
  status: number,
  texts: readonly string[],
): Sentence | undefined {
  return SENTENCES[provider]?.find(
    (sentence) =>
      sentence.status?.includes(status) !== false && texts.some((text) => sentence.text.test(text)),
  );
}
