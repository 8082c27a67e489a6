/** How Gemini's clients ask: the model and what is done with it stand in the path. */

import { type CallRoute, type ClientPath, type ClientSide, type Methods, MODEL_FIELD } from "../client.ts";

/** The methods of models, by their names in paths: https://ai.google.dev/api/all-methods */
const ACTIONS: Readonly<
  Record<string, Pick<CallRoute, "operation" | "stream" | "required"> & Partial<Pick<CallRoute, "modelAt">>>
> = {
  generateContent: {
    operation: "chat",
    stream: false,
    required: { field: "contents", type: "present" },
  },
  streamGenerateContent: {
    operation: "chat",
    stream: true,
    required: { field: "contents", type: "present" },
  },
  countTokens: {
    operation: "count-tokens",
    modelAt: [
      ["generateContentRequest", "model"],
      ["generate_content_request", "model"],
    ],
  },
  embedContent: { operation: "embeddings", modelAt: MODEL_FIELD },
  batchEmbedContents: { operation: "embeddings", modelAt: [["requests", "[]", "model"]] },
};

const isAction = (name: string): boolean => Object.hasOwn(ACTIONS, name);
const isResource = (head: string | undefined): boolean => head === "models" || head === "tunedModels";

/** The path of an action on a model, behind the endpoint's base. */
export function modelPath(model: string, action: string, version = "v1beta"): string {
  const name = model.split("/").map(encodeURIComponent).join("/");
  const resource = model.startsWith("tunedModels/") ? name : `models/${name}`;
  return `/${version}/${resource}:${action}`;
}

/** The method behind the last colon; other colons belong to the model's id. */
function actionOf(rest: readonly string[]): string | undefined {
  if (rest.length < 2 || !isResource(rest[0])) return undefined;
  const last = rest.at(-1) ?? "";
  const colon = last.lastIndexOf(":");
  const name = colon <= 0 ? "" : last.slice(colon + 1);
  return isAction(name) ? name : undefined;
}

/** Names begin `models/`; put behind a path that has it already, it stands there twice. */
function withoutModels(id: string): string {
  let bare = id;
  while (bare.startsWith("models/")) bare = bare.slice("models/".length);
  return bare;
}

function routes({ version, rest, family }: ClientPath): Methods | undefined {
  const [head, ...segments] = rest;
  if (!isResource(head)) return undefined;
  const own = version !== "v1" || family === "gemini";
  if (segments.length === 0) {
    return head === "models" && own ? { GET: { kind: "models", protocol: "gemini" } } : undefined;
  }
  // A tuned model keeps its `tunedModels/`.
  const prefix = head === "tunedModels" ? "tunedModels/" : "";
  const id = segments.join("/");
  const name = actionOf(rest);
  const action = name === undefined ? undefined : ACTIONS[name];
  if (name !== undefined && action !== undefined) {
    return {
      POST: {
        kind: "call",
        protocol: "gemini",
        path: (model) => modelPath(model, name, version),
        model: prefix + withoutModels(id.slice(0, -(name.length + 1))),
        modelAt: [],
        modelPrefix: "models/",
        ...action,
      },
    };
  }
  if (!own && head !== "tunedModels") return undefined;
  return { GET: { kind: "models", protocol: "gemini", id: prefix + withoutModels(id) } };
}

export const client: ClientSide = {
  family: "gemini",
  versions: ["v1beta", "v1", "v1alpha"],
  heads: [],
  owns: (rest) => actionOf(rest) !== undefined || rest[0] === "tunedModels",
  // `models/x/countTokens` is `models/x:countTokens`, and `account/x:countTokens`, as LangChain has it, the same of a
  // name with a slash.
  respell(rest) {
    const last = rest.at(-1) ?? "";
    if (!rest.includes("models") && actionOf(["models", ...rest]) !== undefined && !isResource(rest[0]))
      return ["models", ...rest];
    if (rest.length < 3 || !isResource(rest[0]) || !isAction(last)) return rest;
    return [...rest.slice(0, -2), `${rest.at(-2)}:${last}`];
  },
  routes,
  paths: [
    "GET /v1beta/models",
    "GET /v1beta/models/{model}",
    ...Object.keys(ACTIONS).map((action) => `POST /v1beta/models/{model}:${action}`),
  ],
  headers: ["x-goog-api-key", "x-goog-api-client"],
  keyInQuery: true,
  // Streams are one JSON array unless the client asks for events.
  framing: (search) => (new URLSearchParams(search).get("alt") === "sse" ? "sse" : "json-array"),
};
