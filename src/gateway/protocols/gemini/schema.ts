/**
 * Requests of `generateContent` / `streamGenerateContent` as they arrive. Loose: unknown fields
 * stay. Field reference: https://ai.google.dev/api/generate-content and the types of @google/genai.
 */
import * as z from "zod";
import { message, numeric, opaque, repeated } from "./values.ts";

const text = z.string();
const flag = z.boolean();

const blob = message({ mimeType: text.optional(), data: text, displayName: text.optional() });
const file = message({ mimeType: text.optional(), fileUri: text, displayName: text.optional() });

const functionCall = message({ id: text.optional(), name: text, args: opaque.optional() });

const functionResponse = message({
  id: text.optional(),
  name: text.optional(),
  response: opaque.optional(),
  parts: repeated(message({ inlineData: blob.optional(), fileData: file.optional() })).optional(),
});

export const partSchema = message({
  text: text.optional(),
  thought: flag.optional(),
  thoughtSignature: text.optional(),
  inlineData: blob.optional(),
  fileData: file.optional(),
  functionCall: functionCall.optional(),
  functionResponse: functionResponse.optional(),
  executableCode: opaque.optional(),
  codeExecutionResult: opaque.optional(),
  toolCall: opaque.optional(),
  toolResponse: opaque.optional(),
  videoMetadata: opaque.optional(),
  mediaResolution: z.unknown().optional(),
  partMetadata: opaque.optional(),
});

export const contentSchema = message({
  role: text.optional(),
  parts: repeated(partSchema).optional(),
});

/** The API takes a `Content`; a bare string is what many clients mean. */
export const systemSchema = z.preprocess(
  (value) => (typeof value === "string" ? { parts: [{ text: value }] } : value),
  contentSchema,
);

const functionDeclaration = message({
  name: text,
  description: text.optional(),
  parameters: opaque.optional(),
  parametersJsonSchema: z.union([opaque, flag]).optional(),
  response: opaque.optional(),
  responseJsonSchema: z.unknown().optional(),
  behavior: text.optional(),
});

export const toolSchema = message({
  functionDeclarations: repeated(functionDeclaration).optional(),
  googleSearch: opaque.optional(),
  googleSearchRetrieval: opaque.optional(),
  urlContext: opaque.optional(),
  codeExecution: opaque.optional(),
  computerUse: opaque.optional(),
  fileSearch: opaque.optional(),
  googleMaps: opaque.optional(),
  retrieval: opaque.optional(),
  enterpriseWebSearch: opaque.optional(),
  mcpServers: repeated(opaque).optional(),
});

const toolConfig = message({
  functionCallingConfig: message({
    mode: text.optional(),
    allowedFunctionNames: z.array(text).optional(),
  }).optional(),
  retrievalConfig: opaque.optional(),
  includeServerSideToolInvocations: flag.optional(),
});

const thinkingConfig = message({
  includeThoughts: flag.optional(),
  thinkingBudget: numeric.optional(),
  thinkingLevel: text.optional(),
});

const generationConfig = message({
  temperature: numeric.optional(),
  topP: numeric.optional(),
  topK: numeric.optional(),
  candidateCount: numeric.optional(),
  maxOutputTokens: numeric.optional(),
  stopSequences: z.array(text).optional(),
  presencePenalty: numeric.optional(),
  frequencyPenalty: numeric.optional(),
  seed: numeric.optional(),
  responseLogprobs: flag.optional(),
  logprobs: numeric.optional(),
  responseMimeType: text.optional(),
  responseSchema: opaque.optional(),
  responseJsonSchema: z.union([opaque, flag]).optional(),
  _responseJsonSchema: z.union([opaque, flag]).optional(),
  responseModalities: z.array(text).optional(),
  thinkingConfig: thinkingConfig.optional(),
});

export const requestSchema = message({
  model: text.optional(),
  contents: repeated(contentSchema),
  systemInstruction: systemSchema.optional(),
  tools: repeated(toolSchema).optional(),
  toolConfig: toolConfig.optional(),
  generationConfig: generationConfig.optional(),
  cachedContent: text.optional(),
  labels: z.record(text, text).optional(),
  serviceTier: text.optional(),
  safetySettings: repeated(opaque).optional(),
});

export type WireRequest = z.infer<typeof requestSchema>;
export type WireContent = z.infer<typeof contentSchema>;
export type WirePart = z.infer<typeof partSchema>;
export type WireTool = z.infer<typeof toolSchema>;
export type WireToolConfig = z.infer<typeof toolConfig>;
export type WireGenerationConfig = z.infer<typeof generationConfig>;
export type WireFunctionResponse = z.infer<typeof functionResponse>;
