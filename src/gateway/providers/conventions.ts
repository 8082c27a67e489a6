/**
 * How OpenTelemetry's conventions for generative AI name providers, operations and the servers of accounts; metrics and
 * traces say the same. https://github.com/open-telemetry/semantic-conventions-genai
 */
import type { Protocol } from "../../control/protocol.ts";
import type { Account } from "./account.ts";
import type { ProviderId } from "./ids.ts";

/** Values of `gen_ai.provider.name` where they differ from our own ids. */
const PROVIDER_NAMES: Readonly<Partial<Record<ProviderId, string>>> = {
  gemini: "gcp.gemini",
  vertex: "gcp.vertex_ai",
  "azure-openai": "azure.ai.openai",
  mistral: "mistral_ai",
  xai: "x_ai",
  moonshot: "moonshot_ai",
};

export function providerName(id: ProviderId): string {
  return PROVIDER_NAMES[id] ?? id;
}

/** `gen_ai.operation.name` of a request, by its path as records have it. */
export function operationName(path: string): string {
  if (/embed/i.test(path)) return "embeddings";
  if (/count_?tokens|input_tokens/i.test(path)) return "count_tokens";
  if (/\/chat\/completions$|\/messages$|\/responses(?:\/compact)?$/.test(path)) return "chat";
  if (path.endsWith("/completions")) return "text_completion";
  return /generateContent$/i.test(path) ? "generate_content" : "other";
}

export interface ServerAddress {
  /** As `gen_ai.provider.name`. */
  readonly provider: string;
  /** Host name; empty where there is none. */
  readonly address: string;
  readonly port: string;
}

/** Where the endpoints of accounts are; made anew only when there are other accounts. */
export class ServerAddresses {
  readonly #accounts: () => readonly Account[];
  #known = new Map<string, ServerAddress>();
  #knownOf: readonly Account[] | undefined;

  constructor(accounts: () => readonly Account[]) {
    this.#accounts = accounts;
  }

  /** @param account its id */
  of(account: string, protocol: Protocol): ServerAddress | undefined {
    const accounts = this.#accounts();
    if (accounts !== this.#knownOf) {
      this.#knownOf = accounts;
      this.#known = addressesOf(accounts);
    }
    return this.#known.get(`${account} ${protocol}`);
  }
}

function addressesOf(accounts: readonly Account[]): Map<string, ServerAddress> {
  return new Map(
    accounts.flatMap(({ id, provider, endpoints }) =>
      [...endpoints].map(([protocol, { base }]) => {
        const url = URL.parse(base);
        const address = url?.hostname ?? "";
        const port = url?.port || (url?.protocol === "http:" ? "80" : "443");
        const named = { provider: providerName(provider.id), address, port: address === "" ? "" : port };
        return [`${id} ${protocol}`, named] as const;
      }),
    ),
  );
}
