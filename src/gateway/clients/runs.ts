/** What a client is started with so that one run of it uses Portico: no file of its own is touched. */
import { join } from "node:path";
import { mergedHosts } from "../../control/noProxy.ts";
import { badRequest } from "../common/errors.ts";
import { isRecord } from "../common/json.ts";
import { Refused } from "./formats/format.ts";
import { CLOUDS, OFF } from "./table/claudeCode.ts";
import { type ClientHost, JSON_WITH_COMMENTS, LOOSE_JSON, type Target } from "./table/client.ts";
import { continueConfig } from "./table/continueDev.ts";
import { geminiCli } from "./table/geminiCli.ts";

/** How to start it. Keys are in the environment or in private files, never among the arguments. */
export interface RunPlan {
  /** In front of the person's own. */
  readonly args: readonly string[];
  /** `undefined`: without that variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** To be written into the private folder, by their names. */
  readonly files: Readonly<Record<string, string>>;
}

export interface RunContext {
  readonly host: ClientHost;
  /** The private folder: absolute, made for this run and removed after it. */
  readonly folder: string;
  /** The text of a file; `undefined`: there is none. @throws where it cannot be read */
  read(path: string): string | undefined;
}

type Run = (target: Target, context: RunContext) => Partial<RunPlan>;

const KEY = "PORTICO_API_KEY";

const RUNS: Readonly<Record<string, Run>> = {
  "claude-code": ({ baseUrl, key, model }, { folder }) => {
    const names = [
      "ANTHROPIC_MODEL",
      ...["OPUS", "SONNET", "HAIKU"].map((each) => `ANTHROPIC_DEFAULT_${each}_MODEL`),
    ];
    const env = {
      ANTHROPIC_BASE_URL: baseUrl,
      ANTHROPIC_AUTH_TOKEN: key,
      ...(model === undefined ? {} : Object.fromEntries(names.map((name) => [name, model]))),
    };
    // Its own settings go before the environment, and this file before them. A stored API key would be asked about.
    const off = Object.fromEntries(CLOUDS.map((name) => [name, OFF]));
    return {
      args: ["--settings", join(folder, "settings.json")],
      env: { ...env, ...without(CLOUDS), ANTHROPIC_API_KEY: undefined },
      files: { "settings.json": JSON.stringify({ env: { ...env, ...off } }) },
    };
  },
  codex: ({ baseUrl, key, model }) => {
    // Another name than that of a connected one: both tables would be made into one.
    const provider = "model_providers.portico_run";
    const values = [
      "model_provider=portico_run",
      `${provider}.name=Portico`,
      `${provider}.base_url=${baseUrl}/v1`,
      `${provider}.wire_api=responses`,
      `${provider}.env_key=${KEY}`,
      ...(model === undefined ? [] : [`model=${model}`]),
    ];
    return { args: values.flatMap((value) => ["-c", value]), env: { [KEY]: key } };
  },
  "gemini-cli": ({ baseUrl, key, model }, context) => {
    // It trusts no settings file in the way of other users but below its own home folder: that is lent to it, with its
    // settings, memory and trusted folders. What an administrator has set stays where it is.
    const lent = ["GEMINI.md", "trustedFolders.json"].flatMap((name) => {
      const text = context.read(join(geminiCli.folder(context.host), name));
      return text === undefined ? [] : [[join(".gemini", name), text]];
    });
    return {
      env: {
        GOOGLE_GEMINI_BASE_URL: baseUrl,
        GEMINI_API_KEY: key,
        GEMINI_CLI_HOME: context.folder,
        ...(model === undefined ? {} : { GEMINI_MODEL: model }),
      },
      files: {
        ...Object.fromEntries(lent),
        [join(".gemini", "settings.json")]: JSON.stringify(withAuth(geminiSettings(context))),
      },
    };
  },
  opencode: (target, { host }) => contentOf("OPENCODE_CONFIG_CONTENT", target, host),
  kilo: (target, { host }) => contentOf("KILO_CONFIG_CONTENT", target, host),
  pi: ({ baseUrl, key, model = "" }, { folder }) => ({
    args: ["--provider", "portico", "--model", model],
    env: { PI_CODING_AGENT_DIR: folder },
    files: {
      "models.json": JSON.stringify({
        providers: {
          portico: {
            baseUrl: `${baseUrl}/v1`,
            api: "openai-completions",
            apiKey: key,
            models: [{ id: model }],
          },
        },
      }),
    },
  }),
  "qwen-code": ({ baseUrl, key, model = "" }) => ({
    args: ["--auth-type", "openai"],
    env: { OPENAI_BASE_URL: `${baseUrl}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: model },
  }),
  // A file of the person's cannot be added to: for this run, its models are ours alone.
  continue: (target, { folder }) => ({
    args: ["--config", join(folder, "config.yaml")],
    files: { "config.yaml": continueConfig(target) },
  }),
  copilot: ({ baseUrl, key, model = "" }) => ({
    env: {
      ...without(OTHER_PROVIDER),
      COPILOT_PROVIDER_BASE_URL: `${baseUrl}/v1`,
      COPILOT_PROVIDER_API_KEY: key,
      COPILOT_MODEL: model,
    },
  }),
};

/** Of Copilot CLI, what may be set for another provider and goes before ours or does not fit it. */
const OTHER_PROVIDER = [
  "TYPE",
  "BEARER_TOKEN",
  "API_KEY_COMMAND",
  "HEADERS",
  "WIRE_API",
  "TRANSPORT",
  "WIRE_MODEL",
  "MODEL_ID",
  "AZURE_API_VERSION",
].map((name) => `COPILOT_PROVIDER_${name}`);

/** These variables taken away. */
const without = (names: readonly string[]): Record<string, undefined> =>
  Object.fromEntries(names.map((name) => [name, undefined]));

/** Can it be pointed at Portico for one run? */
export const canRun = (client: string): boolean => Object.hasOwn(RUNS, client);

/** `undefined`: it cannot be pointed anywhere for one run. */
export function planRun(client: string, target: Target, context: RunContext): RunPlan | undefined {
  const plan = canRun(client) ? RUNS[client]?.(target, context) : undefined;
  if (plan === undefined) return undefined;
  const { env } = context.host;
  const hosts = mergedHosts(`${env.NO_PROXY ?? ""},${env.no_proxy ?? ""}`, target.noProxy ?? []);
  return { args: [], files: {}, ...plan, env: { ...plan.env, NO_PROXY: hosts, no_proxy: hosts } };
}

/** Beside what the person gives it that way. */
function contentOf(
  variable: string,
  { baseUrl, key, model = "" }: Target,
  { env }: ClientHost,
): Partial<RunPlan> {
  const given = parsed(variable, env[variable], LOOSE_JSON.parse);
  const portico = {
    npm: "@ai-sdk/openai-compatible",
    name: "Portico",
    options: { baseURL: `${baseUrl}/v1`, apiKey: key },
    models: { [model]: { name: model } },
  };
  const provider = { ...(isRecord(given.provider) ? given.provider : {}), portico };
  return { env: { [variable]: JSON.stringify({ ...given, provider, model: `portico/${model}` }) } };
}

function geminiSettings({ host, read }: RunContext): Record<string, unknown> {
  const path = join(geminiCli.folder(host), "settings.json");
  return parsed(path, read(path), JSON_WITH_COMMENTS.parse);
}

function withAuth(settings: Record<string, unknown>): Record<string, unknown> {
  const security = isRecord(settings.security) ? settings.security : {};
  const auth = isRecord(security.auth) ? security.auth : {};
  return { ...settings, security: { ...security, auth: { ...auth, selectedType: "gemini-api-key" } } };
}

/** @throws PorticoError: a run without what is forbidden in there would be another than the person wants */
function parsed(
  name: string,
  text: string | undefined,
  parse: (text: string) => unknown,
): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value = parse(text);
    if (isRecord(value)) return value;
    throw new Refused("is no object", 1);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw badRequest(`${name} cannot be taken along: ${error.message}.`);
  }
}
