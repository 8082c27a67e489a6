/** The servers of the tests' own: providers, an authorization server, and the way to both from outside. */
import { delimiter, join } from "node:path";
import { AuthServer } from "../integration/oauth/authServer.ts";
import { type AgentProvider, startAgentProviders } from "./agentProvider.ts";
import { type Internet, startInternet } from "./internet.ts";
import { ScriptedProvider } from "./provider.ts";

export interface Servers {
  /** Of the account that is there first. */
  readonly provider: ScriptedProvider;
  /** Of the accounts that take turns. */
  readonly alpha: ScriptedProvider;
  readonly beta: ScriptedProvider;
  /** Of the account that is added in the pages. */
  readonly gamma: ScriptedProvider;
  /** Of the chat's agent, one of each protocol. */
  readonly agents: readonly AgentProvider[];
  /** Behind OpenAI's own address. */
  readonly openai: ScriptedProvider;
  /** Behind those of Google and OpenRouter. */
  readonly auth: AuthServer;
  readonly internet: Internet;
  /** For the extension hosts. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** In the environment of the editor, and refused until a step lets it in. */
export const FOUND_KEY = "sk-found-0123456789abcdefghijkl";

/** On the path of the editor: for programs of a step's own. */
export const toolFolder = (scratch: string): string => join(scratch, "tools");
/** Claude Code's settings. */
export const claudeFolder = (scratch: string): string => join(scratch, "claude");

export async function startServers(scratch: string): Promise<Servers> {
  const provider = new ScriptedProvider();
  const alpha = new ScriptedProvider();
  const beta = new ScriptedProvider();
  const gamma = new ScriptedProvider();
  const openai = new ScriptedProvider();
  const auth = new AuthServer();
  auth.issuer = "https://accounts.google.com";
  const all = [provider, alpha, beta, gamma, openai, auth];
  await Promise.all(all.map((server) => server.listen()));
  const agents = await startAgentProviders(scratch);
  const internet = await startInternet(scratch, {
    "api.openai.com": (path) => new URL(path, openai.base).href,
    "oauth2.googleapis.com": (path) => auth.base + path,
    "generativelanguage.googleapis.com": (path) => auth.base + path,
    "openrouter.ai": (path) =>
      auth.base + (path.startsWith("/api/v1/auth/") ? path : path.replace("/api/v1/", "/or/")),
  });
  return {
    provider,
    alpha,
    beta,
    gamma,
    agents,
    openai,
    auth,
    internet,
    env: {
      NODE_EXTRA_CA_CERTS: internet.certificate,
      NO_PROXY: "",
      no_proxy: "",
      // What the machine has of its own must not be found.
      ANTHROPIC_API_KEY: "",
      GEMINI_API_KEY: "",
      GOOGLE_API_KEY: "",
      GOOGLE_APPLICATION_CREDENTIALS: "",
      OPENROUTER_API_KEY: "",
      XDG_CONFIG_HOME: join(scratch, "config"),
      CLAUDE_CONFIG_DIR: claudeFolder(scratch),
      // A login shell would make another path of it.
      VSCODE_CLI: "1",
      PATH: [toolFolder(scratch), process.env.PATH].join(delimiter),
      CLOUDSDK_CONFIG: join(scratch, "gcloud"),
      OPENAI_API_KEY: FOUND_KEY,
    },
    close: async () => {
      await internet.close();
      await Promise.all([...all, ...agents].map((server) => server.close()));
    },
  };
}
