/** Claude Code: the command line and its extensions share one file. https://code.claude.com/docs/en/settings */
import { join } from "node:path";
import { valueAt } from "../../common/json.ts";
import { textAt } from "../values.ts";
import { type ClientHost, type ClientSpec, folderBy, noProxyValues, STRICT_JSON } from "./client.ts";

const URL = ["env", "ANTHROPIC_BASE_URL"];
const MODEL = ["env", "ANTHROPIC_MODEL"];
/** https://code.claude.com/docs/en/llm-gateway-protocol */
const DISCOVERY = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY";
/** What has it ask a cloud's own API: then it takes no address. https://code.claude.com/docs/en/env-vars */
export const CLOUDS: readonly string[] = [
  "BEDROCK",
  "VERTEX",
  "FOUNDRY",
  "MANTLE",
  "ANTHROPIC_AWS",
  "ANTHROPIC_GOOGLE_CLOUD",
  "GATEWAY",
].map((cloud) => `CLAUDE_CODE_USE_${cloud}`);
/** Of such a switch; its settings go before the environment. */
export const OFF = "0";
/** Names that it maps its own model families by. */
const FAMILIES = ["OPUS", "SONNET", "HAIKU"].map((family) => ["env", `ANTHROPIC_DEFAULT_${family}_MODEL`]);

export const claudeCode: ClientSpec = {
  id: "claude-code",
  label: "Claude Code",
  programs: ["claude"],
  install: "npm install -g @anthropic-ai/claude-code (https://code.claude.com/docs/en/setup)",
  ownModels: "claude",
  discovery: DISCOVERY,
  keepsNoProxy: true,
  variables: [],
  notes: ["Sessions that are open go on as they were started. The editor's extension reads the same file."],
  folder: (host) => folderBy(host, "CLAUDE_CONFIG_DIR", ".claude"),
  settings: (host) => [
    {
      path: join(claudeCode.folder(host), "settings.json"),
      format: STRICT_JSON,
      wanted: (target, values) => [
        { path: URL, value: target.baseUrl },
        // Without it, a stored subscription token would be sent to us; an API key would be asked about.
        { path: ["env", "ANTHROPIC_AUTH_TOKEN"], value: target.key, secret: { beside: URL } },
        ...(target.model === undefined ? [] : [MODEL, ...FAMILIES]).map((path) => ({
          path,
          value: target.model ?? "",
        })),
        ...CLOUDS.filter((name) => isOn(host.env[name]) || isOn(valueAt(values, ["env", name]))).map(
          (name) => ({ path: ["env", name], value: OFF }),
        ),
        ...(target.discovers === true ? [{ path: ["env", DISCOVERY], value: "1" }] : []),
        ...noProxyValues(target, values, "env"),
      ],
    },
  ],
  connection: ([settings]) => ({ baseUrl: textAt(settings, URL), model: textAt(settings, MODEL) }),
  rivals: (host) =>
    [
      join(managedFolder(host), "managed-settings.json"),
      join(host.cwd, ".claude", "settings.local.json"),
      join(host.cwd, ".claude", "settings.json"),
    ].map((path) => ({ path, format: STRICT_JSON, at: [URL] })),
  // The models that discovery has found.
  caches: (host) => [
    {
      path: join(claudeCode.folder(host), "cache", "gateway-models.json"),
      format: STRICT_JSON,
      address: ["baseUrl"],
    },
  ],
};

/** What an administrator has set. */
function managedFolder({ platform, env }: ClientHost): string {
  if (platform === "darwin") return "/Library/Application Support/ClaudeCode";
  if (platform === "win32") return join(env.ProgramFiles ?? "C:\\Program Files", "ClaudeCode");
  return "/etc/claude-code";
}

const isOn = (value: unknown): boolean => /^\s*(1|true|yes|on)\s*$/i.test(String(value));
