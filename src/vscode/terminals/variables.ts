/** The variables by which tools that are started in a terminal find Portico. Pure. */
import { LOCAL_HOSTS, mergedHosts } from "../../control/noProxy.ts";

export interface TerminalTarget {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly key: string;
  /** Ids of clients that find it by their own settings. */
  readonly connected: ReadonlySet<string>;
  /** Of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What each client reads, as `docs/clients.md` has it; absent for those that read no address from a variable. */
const CLIENTS: readonly {
  readonly id: string;
  variables(baseUrl: string, key: string): Readonly<Record<string, string>>;
}[] = [
  {
    id: "claude-code",
    // A token, never an API key: it would ask the person about one.
    variables: (baseUrl, key) => ({ ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_AUTH_TOKEN: key }),
  },
  {
    id: "gemini-cli",
    variables: (baseUrl, key) => ({ GOOGLE_GEMINI_BASE_URL: baseUrl, GEMINI_API_KEY: key }),
  },
  {
    id: "qwen-code",
    // And whatever is built upon OpenAI's SDKs.
    variables: (baseUrl, key) => ({ OPENAI_BASE_URL: `${baseUrl}/v1`, OPENAI_API_KEY: key }),
  },
];

export function terminalVariables({ baseUrl, key, connected, env }: TerminalTarget): Map<string, string> {
  const found = new Map<string, string>();
  for (const { id, variables } of CLIENTS) {
    if (connected.has(id)) continue;
    for (const [name, value] of Object.entries(variables(baseUrl, key))) found.set(name, value);
  }
  for (const name of ["NO_PROXY", "no_proxy"]) found.set(name, mergedHosts(env[name], LOCAL_HOSTS));
  return found;
}
