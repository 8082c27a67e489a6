/**
 * What the Gemini API would refuse in a `generateContent` request, as strictly as its documentation
 * and the types of `@google/genai` have it.
 */

import { geminiRefusals } from "./modelRefusals.ts";

type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const REQUEST = [
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "safetySettings",
  "cachedContent",
  "labels",
  "serviceTier",
  "store",
  "continuationToken",
];

const CONFIG = [
  "temperature",
  "topP",
  "topK",
  "candidateCount",
  "maxOutputTokens",
  "stopSequences",
  "presencePenalty",
  "frequencyPenalty",
  "seed",
  "responseLogprobs",
  "logprobs",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "responseModalities",
  "thinkingConfig",
  "mediaResolution",
  "speechConfig",
  "imageConfig",
  "enableEnhancedCivicAnswers",
  "audioTranscriptionConfig",
];

const DATA_FIELDS = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
];
const PART_FIELDS = [
  ...DATA_FIELDS,
  "thought",
  "thoughtSignature",
  "videoMetadata",
  "mediaResolution",
  "partMetadata",
];

const BUILT_IN = [
  "googleSearch",
  "googleSearchRetrieval",
  "urlContext",
  "codeExecution",
  "computerUse",
  "fileSearch",
  "googleMaps",
  "mcpServers",
];

const SUBSET = [
  "type",
  "format",
  "title",
  "description",
  "nullable",
  "enum",
  "items",
  "minItems",
  "maxItems",
  "properties",
  "required",
  "minProperties",
  "maxProperties",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "pattern",
  "example",
  "anyOf",
  "propertyOrdering",
  "default",
];
const TYPES = ["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];
const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** 2.5, 3 … from a model name; names without a version count as the newest. */
function versionOf(model: string): number {
  const found = /gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1];
  return found === undefined ? 99 : Number(found);
}

class Checker {
  readonly problems: string[] = [];
  readonly version: number;

  constructor(model: string) {
    this.version = versionOf(model);
  }

  say(where: string, what: string): undefined {
    this.problems.push(`${where}: ${what}`);
  }

  known(value: Json, fields: readonly string[], where: string): undefined {
    for (const key of Object.keys(value)) if (!fields.includes(key)) this.say(where, `unknown name "${key}"`);
  }

  is(value: unknown, type: "string" | "number" | "boolean", where: string): boolean {
    if (value === undefined) return true;
    if (typeof value === type) return true;
    this.say(where, `must be a ${type}`);
    return false;
  }

  range(value: unknown, least: number, most: number, where: string): undefined {
    if (!this.is(value, "number", where) || typeof value !== "number") return;
    if (!(value >= least && value <= most)) this.say(where, `must be ${least} to ${most}`);
  }

  whole(value: unknown, least: number, most: number, where: string): undefined {
    this.range(value, least, most, where);
    if (typeof value === "number" && !Number.isInteger(value)) this.say(where, "must be a whole number");
  }

  request(body: Json): undefined {
    this.known(body, REQUEST, "request");
    this.contents(body.contents);
    if (body.systemInstruction !== undefined) this.system(body.systemInstruction);
    const declared = this.tools(body.tools, body.toolConfig);
    this.toolConfig(body.toolConfig, declared);
    this.config(body.generationConfig, declared.size > 0);
    this.is(body.cachedContent, "string", "cachedContent");
    if (
      body.serviceTier !== undefined &&
      !["flex", "standard", "priority"].includes(String(body.serviceTier))
    )
      this.say("serviceTier", "not a tier");
    if (body.labels !== undefined) {
      if (!isRecord(body.labels)) this.say("labels", "must be an object");
      else for (const [key, value] of Object.entries(body.labels)) this.is(value, "string", `labels.${key}`);
    }
  }

  system(value: unknown): undefined {
    if (!isRecord(value)) return this.say("systemInstruction", "must be a Content");
    this.known(value, ["parts", "role"], "systemInstruction");
    if (!Array.isArray(value.parts) || value.parts.length === 0)
      return this.say("systemInstruction.parts", "must not be empty");
    for (const [index, part] of value.parts.entries()) this.part(part, `systemInstruction.parts[${index}]`);
  }

  contents(value: unknown): undefined {
    if (!Array.isArray(value) || value.length === 0) return this.say("contents", "must not be empty");
    let before: Json | undefined;
    for (const [index, content] of value.entries()) {
      const where = `contents[${index}]`;
      if (!isRecord(content)) {
        this.say(where, "must be a Content");
        continue;
      }
      this.known(content, ["parts", "role"], where);
      if (content.role !== "user" && content.role !== "model")
        this.say(`${where}.role`, "must be user or model");
      if (before === undefined && content.role === "model") this.say(where, "must begin with the user");
      if (before !== undefined && before.role === content.role) this.say(where, "roles must alternate");
      if (!Array.isArray(content.parts) || content.parts.length === 0)
        this.say(`${where}.parts`, "must not be empty");
      else for (const [at, part] of content.parts.entries()) this.part(part, `${where}.parts[${at}]`);
      this.answers(before, content, where);
      this.signatures(content, where);
      before = content;
    }
    if (before !== undefined && callsOf(before).length > 0)
      this.say("contents", "ends with unanswered calls");
  }

  /** As many responses as calls, for the same functions, at once. */
  answers(before: Json | undefined, content: Json, where: string): undefined {
    const calls = before === undefined ? [] : callsOf(before);
    const responses = partsOf(content).flatMap((part) =>
      isRecord(part.functionResponse) ? [part.functionResponse] : [],
    );
    if (content.role === "model" && responses.length > 0) this.say(where, "a model turn holds responses");
    if (content.role === "user" && callsOf(content).length > 0) this.say(where, "a user turn holds calls");
    if (calls.length !== responses.length) {
      this.say(where, "the number of function response parts must equal that of the function call parts");
      return;
    }
    for (const [index, call] of calls.entries()) {
      const response =
        responses.find((one) => one.id !== undefined && one.id === call.id) ?? responses[index];
      if (response?.name !== call.name) this.say(where, `response ${index} is for another function`);
      if (call.id !== response?.id) this.say(where, `response ${index} has another id than its call`);
    }
  }

  signatures(content: Json, where: string): undefined {
    if (content.role !== "model" || this.version < 3) return;
    const first = partsOf(content).find((part) => part.functionCall !== undefined);
    if (first !== undefined && typeof first.thoughtSignature !== "string")
      this.say(where, "the first function call is missing a thought_signature");
  }

  part(part: unknown, where: string): undefined {
    if (!isRecord(part)) return this.say(where, "must be a Part");
    this.known(part, PART_FIELDS, where);
    const data = DATA_FIELDS.filter((field) => part[field] !== undefined);
    if (data.length !== 1) this.say(where, "must have exactly one data field");
    this.is(part.thought, "boolean", `${where}.thought`);
    if (part.thoughtSignature !== undefined && !BASE64.test(String(part.thoughtSignature)))
      this.say(`${where}.thoughtSignature`, "must be base64");
    if (
      this.is(part.text, "string", `${where}.text`) &&
      part.text === "" &&
      part.thoughtSignature === undefined
    )
      this.say(`${where}.text`, "must not be empty");
    if (part.inlineData !== undefined) this.blob(part.inlineData, `${where}.inlineData`);
    if (part.fileData !== undefined) this.file(part.fileData, `${where}.fileData`);
    if (part.functionCall !== undefined) this.call(part.functionCall, `${where}.functionCall`);
    if (part.functionResponse !== undefined)
      this.response(part.functionResponse, `${where}.functionResponse`);
  }

  blob(value: unknown, where: string): undefined {
    if (!isRecord(value)) return this.say(where, "must be a Blob");
    this.known(value, ["mimeType", "data", "displayName"], where);
    if (typeof value.mimeType !== "string" || !/^[a-z]+\/[^ ]+$/i.test(value.mimeType))
      this.say(`${where}.mimeType`, "must be a MIME type");
    else if (/^image\/(?:gif|svg|bmp|tiff)|^application\/(?!pdf|x-)/i.test(value.mimeType))
      this.say(`${where}.mimeType`, `unsupported MIME type: ${value.mimeType}`);
    if (typeof value.data !== "string" || !BASE64.test(value.data))
      this.say(`${where}.data`, "must be base64");
  }

  file(value: unknown, where: string): undefined {
    if (!isRecord(value)) return this.say(where, "must be FileData");
    this.known(value, ["mimeType", "fileUri", "displayName"], where);
    if (typeof value.fileUri !== "string" || value.fileUri === "")
      this.say(`${where}.fileUri`, "must not be empty");
    this.is(value.mimeType, "string", `${where}.mimeType`);
  }

  call(value: unknown, where: string): undefined {
    if (!isRecord(value)) return this.say(where, "must be a FunctionCall");
    this.known(value, ["id", "name", "args"], where);
    this.is(value.id, "string", `${where}.id`);
    if (typeof value.name !== "string" || !NAME.test(value.name))
      this.say(`${where}.name`, "invalid function name");
    if (value.args !== undefined && !isRecord(value.args)) this.say(`${where}.args`, "must be an object");
  }

  response(value: unknown, where: string): undefined {
    if (!isRecord(value)) return this.say(where, "must be a FunctionResponse");
    this.known(value, ["id", "name", "response", "parts", "scheduling", "willContinue"], where);
    if (typeof value.name !== "string" || !NAME.test(value.name))
      this.say(`${where}.name`, "invalid function name");
    if (!isRecord(value.response)) this.say(`${where}.response`, "must be an object");
    if (value.parts === undefined) return;
    if (this.version < 3) this.say(`${where}.parts`, "this model takes no media in function responses");
    if (!Array.isArray(value.parts)) return this.say(`${where}.parts`, "must be a list");
    for (const [index, part] of value.parts.entries()) {
      if (!isRecord(part)) continue;
      this.known(part, ["inlineData", "fileData"], `${where}.parts[${index}]`);
      if (part.inlineData !== undefined) this.blob(part.inlineData, `${where}.parts[${index}].inlineData`);
    }
  }

  /** The names of the declared functions. */
  tools(value: unknown, config: unknown): Set<string> {
    const names = new Set<string>();
    if (value === undefined) return names;
    if (!Array.isArray(value)) {
      this.say("tools", "must be a list");
      return names;
    }
    let builtIn = false;
    for (const [index, tool] of value.entries()) {
      if (!isRecord(tool)) continue;
      this.known(tool, ["functionDeclarations", ...BUILT_IN], `tools[${index}]`);
      if (Object.keys(tool).length === 0) this.say(`tools[${index}]`, "must not be empty");
      builtIn ||= BUILT_IN.some((name) => name !== "computerUse" && tool[name] !== undefined);
      for (const [at, declaration] of (Array.isArray(tool.functionDeclarations)
        ? tool.functionDeclarations
        : []
      ).entries())
        this.declaration(declaration, names, `tools[${index}].functionDeclarations[${at}]`);
    }
    const mixed = isRecord(config) && config.includeServerSideToolInvocations === true;
    if (builtIn && names.size > 0 && (this.version < 3 || !mixed))
      this.say("tools", "built-in tools and functions cannot be combined");
    return names;
  }

  declaration(value: unknown, names: Set<string>, where: string): undefined {
    if (!isRecord(value)) return this.say(where, "must be a FunctionDeclaration");
    this.known(
      value,
      [
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "behavior",
      ],
      where,
    );
    if (typeof value.name !== "string" || !NAME.test(value.name))
      this.say(`${where}.name`, "invalid function name");
    else if (names.has(value.name)) this.say(`${where}.name`, "duplicate function declaration");
    names.add(String(value.name));
    this.is(value.description, "string", `${where}.description`);
    if (value.parameters !== undefined && value.parametersJsonSchema !== undefined)
      this.say(where, "parameters and parametersJsonSchema exclude each other");
    if (value.parameters !== undefined) {
      this.subset(value.parameters, `${where}.parameters`);
      const empty = isRecord(value.parameters) && !isRecord(value.parameters.properties);
      if (empty) this.say(`${where}.parameters.properties`, "should be non-empty for OBJECT type");
    }
    if (value.parametersJsonSchema !== undefined)
      this.jsonSchema(value.parametersJsonSchema, `${where}.parametersJsonSchema`);
  }

  subset(value: unknown, where: string): undefined {
    if (!isRecord(value)) return this.say(where, "must be a Schema");
    this.known(value, SUBSET, where);
    if (Array.isArray(value.anyOf)) {
      const beside = Object.keys(value).filter((key) => key !== "anyOf");
      if (beside.length > 0) this.say(where, `any_of must be the only field set, not ${beside.join(", ")}`);
      for (const [index, one] of value.anyOf.entries()) this.subset(one, `${where}.anyOf[${index}]`);
      return;
    }
    if (!TYPES.includes(String(value.type))) this.say(`${where}.type`, `must be one of ${TYPES.join(", ")}`);
    if (value.enum !== undefined) {
      const texts =
        Array.isArray(value.enum) && value.enum.every((one) => typeof one === "string" && one !== "");
      if (value.type !== "STRING" || !texts)
        this.say(`${where}.enum`, "only non-empty strings of type STRING");
    }
    if (value.type === "ARRAY") this.subset(value.items, `${where}.items`);
    if (isRecord(value.properties)) {
      for (const [name, one] of Object.entries(value.properties))
        this.subset(one, `${where}.properties.${name}`);
      for (const name of Array.isArray(value.required) ? value.required : [])
        if (!Object.hasOwn(value.properties, String(name)))
          this.say(`${where}.required`, `no property ${name}`);
    }
  }

  jsonSchema(value: unknown, where: string): undefined {
    if (typeof value === "boolean") return;
    if (!isRecord(value)) return this.say(where, "must be a JSON Schema");
    if (value.$schema !== undefined) this.say(where, "$schema is not supported");
    if (value.$ref !== undefined && Object.keys(value).some((key) => !key.startsWith("$")))
      this.say(where, "$ref must stand alone");
    for (const key of ["properties", "$defs"])
      if (isRecord(value[key]))
        for (const [name, one] of Object.entries(value[key])) this.jsonSchema(one, `${where}.${key}.${name}`);
    if (isRecord(value.items)) this.jsonSchema(value.items, `${where}.items`);
    for (const one of Array.isArray(value.anyOf) ? value.anyOf : []) this.jsonSchema(one, `${where}.anyOf`);
  }

  toolConfig(value: unknown, declared: ReadonlySet<string>): undefined {
    if (value === undefined) return;
    if (!isRecord(value)) return this.say("toolConfig", "must be an object");
    this.known(
      value,
      ["functionCallingConfig", "retrievalConfig", "includeServerSideToolInvocations"],
      "toolConfig",
    );
    const calling = value.functionCallingConfig;
    if (calling === undefined) return;
    if (!isRecord(calling)) return this.say("toolConfig.functionCallingConfig", "must be an object");
    this.known(calling, ["mode", "allowedFunctionNames"], "toolConfig.functionCallingConfig");
    if (!["AUTO", "ANY", "NONE", "VALIDATED"].includes(String(calling.mode)))
      this.say("toolConfig", "not a mode");
    if (calling.mode === "ANY" && declared.size === 0) this.say("toolConfig", "mode ANY without functions");
    const names = calling.allowedFunctionNames;
    if (names === undefined) return;
    if (calling.mode !== "ANY" && calling.mode !== "VALIDATED")
      this.say("toolConfig", "names only with ANY or VALIDATED");
    if (!Array.isArray(names) || names.length === 0) return this.say("toolConfig", "names must not be empty");
    for (const name of names)
      if (!declared.has(String(name))) this.say("toolConfig", `${name} is not declared`);
  }

  config(value: unknown, functions: boolean): undefined {
    if (value === undefined) return;
    if (!isRecord(value)) return this.say("generationConfig", "must be an object");
    this.known(value, CONFIG, "generationConfig");
    this.range(value.temperature, 0, 2, "temperature");
    this.range(value.topP, 0, 1, "topP");
    this.whole(value.topK, 1, 2 ** 31, "topK");
    this.whole(value.candidateCount, 1, 8, "candidateCount");
    this.whole(
      value.maxOutputTokens,
      1,
      this.version < 2.5 ? 8_192 : this.version > 10 ? 2 ** 31 : 65_536,
      "maxOutputTokens",
    );
    this.range(value.presencePenalty, -2, 1.999, "presencePenalty");
    this.range(value.frequencyPenalty, -2, 1.999, "frequencyPenalty");
    this.whole(value.seed, -(2 ** 31), 2 ** 31 - 1, "seed");
    this.whole(value.logprobs, 0, 20, "logprobs");
    if (value.logprobs !== undefined && value.responseLogprobs !== true)
      this.say("logprobs", "needs responseLogprobs");
    if (value.stopSequences !== undefined) {
      const stops = value.stopSequences;
      if (
        !Array.isArray(stops) ||
        stops.length > 5 ||
        stops.some((one) => typeof one !== "string" || one === "")
      )
        this.say("stopSequences", "up to 5 non-empty strings");
    }
    const schemas = [value.responseSchema, value.responseJsonSchema].filter((one) => one !== undefined);
    if (schemas.length > 1) this.say("responseSchema", "excludes responseJsonSchema");
    if (schemas.length > 0 && value.responseMimeType === undefined)
      this.say("responseMimeType", "needed with a schema");
    if (value.responseSchema !== undefined) this.subset(value.responseSchema, "responseSchema");
    if (value.responseJsonSchema !== undefined)
      this.jsonSchema(value.responseJsonSchema, "responseJsonSchema");
    if (functions && this.version < 3 && value.responseMimeType === "application/json")
      this.say("responseMimeType", "function calling with application/json is unsupported");
    if (value.thinkingConfig !== undefined) this.thinking(value.thinkingConfig);
  }

  thinking(value: unknown): undefined {
    if (!isRecord(value)) return this.say("thinkingConfig", "must be an object");
    this.known(value, ["includeThoughts", "thinkingBudget", "thinkingLevel"], "thinkingConfig");
    if (this.version < 2.5) this.say("thinkingConfig", "thinking is not supported by this model");
    if (value.thinkingBudget !== undefined && value.thinkingLevel !== undefined)
      this.say("thinkingConfig", "thinkingBudget and thinkingLevel exclude each other");
    if (value.thinkingLevel !== undefined && this.version < 3)
      this.say("thinkingLevel", "not supported by this model");
    if (value.thinkingBudget !== undefined) this.whole(value.thinkingBudget, -1, 32_768, "thinkingBudget");
    if (
      value.thinkingLevel !== undefined &&
      !["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"].includes(String(value.thinkingLevel))
    )
      this.say("thinkingLevel", "not a level");
  }
}

function partsOf(content: Json): Json[] {
  return (Array.isArray(content.parts) ? content.parts : []).filter(isRecord);
}

function callsOf(content: Json): Json[] {
  return partsOf(content).flatMap((part) => (isRecord(part.functionCall) ? [part.functionCall] : []));
}

const PATH =
  /^\/v1(?:beta)?\/(?:models|publishers\/google\/models)\/([^:]+):(generateContent|streamGenerateContent)/;

/**
 * @param path the request's path, which names the model; without it the newest model's rules hold
 * @returns what is wrong; empty: accepted
 */
export function checkRequest(
  body: unknown,
  headers?: Readonly<Record<string, string | string[] | undefined>>,
  path?: string,
): string[] {
  const model = path === undefined ? "" : decodeURIComponent(PATH.exec(path)?.[1] ?? "");
  const checker = new Checker(model);
  if (path !== undefined && model === "") checker.say("path", `not a Gemini method: ${path}`);
  if (headers !== undefined) {
    const shown = ["authorization", "x-goog-api-key", "x-api-key"].filter(
      (name) => headers[name] !== undefined,
    );
    const inPath = path !== undefined && /[?&]key=/.test(path) ? 1 : 0;
    if (shown.length + inPath !== 1) checker.say("headers", "exactly one credential");
  }
  if (isRecord(body)) checker.request(body);
  else checker.say("request", "must be an object");
  const own = isRecord(body) ? geminiRefusals(model, body).map(({ message }) => message) : [];
  return [...checker.problems, ...own];
}
