/** `tools` as canonical tools. */
import { compact, isRecord } from "../../../common/json.ts";
import type { Tool } from "../../chat.ts";
import type { WireTool } from "../schema.ts";
import { fromOpenApi } from "../schemaDialect.ts";
import type { Leftovers } from "./leftovers.ts";

type Provider = Extract<Tool, { type: "provider" }>;

const KINDS: Readonly<Record<string, Provider["kind"]>> = {
  googleSearch: "web_search",
  googleSearchRetrieval: "web_search",
  enterpriseWebSearch: "web_search",
  urlContext: "web_fetch",
  codeExecution: "code_execution",
  fileSearch: "file_search",
};

export function decodeTools(tools: readonly WireTool[], leftovers: Leftovers): Tool[] {
  const out: Tool[] = [];
  for (const tool of tools) {
    const { functionDeclarations = [], mcpServers = [], computerUse, ...others } = tool;
    for (const declaration of functionDeclarations) {
      const { name, description, parameters, parametersJsonSchema, ...rest } = declaration;
      const schema = parametersJsonSchema ?? (parameters === undefined ? undefined : fromOpenApi(parameters));
      out.push(compact({ type: "function" as const, name, description, parameters: schema }));
      if (Object.keys(rest).length > 0) leftovers.nested("functionDeclarations", name, rest);
    }
    if (computerUse !== undefined) {
      const raw = { computerUse };
      out.push({ type: "client", kind: "computer", name: "computerUse", protocol: "gemini", raw });
    }
    for (const server of mcpServers) {
      const name = typeof server.name === "string" ? server.name : "mcp";
      out.push({ type: "provider", kind: "mcp", name, protocol: "gemini", raw: { mcpServers: [server] } });
    }
    for (const [name, value] of Object.entries(others)) {
      if (!isRecord(value)) continue;
      const kind = KINDS[name] ?? "other";
      out.push({ type: "provider", kind, name, protocol: "gemini", raw: { [name]: value } });
    }
  }
  return out;
}
