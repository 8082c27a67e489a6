/** Providers, routes and models of the scripted worlds. */
import type { RouteView } from "../../../src/control/accounts.ts";
import type { ProviderView } from "../../../src/control/contract.ts";
import type { ModelView, RouteRule, RoutesView } from "../../../src/control/settings.ts";
import { providerView } from "../../../src/gateway/leader/accountStore.ts";
import { PROVIDERS } from "../../../src/gateway/providers/providers.ts";

export const PROVIDER_VIEWS: ProviderView[] = Object.values(PROVIDERS).map(providerView);

export const ROUTES: RoutesView = {
  fixed: [],
  own: [
    { model: "claude-*", to: ["work-anthropic", "openrouter/anthropic/claude-sonnet-5"] },
    { model: "gpt-5", to: ["team-openai/gpt-5", "personal-gemini/gemini-2.5-pro"], edit: { effort: "low" } },
  ],
};

const ANTHROPIC = { id: "work-anthropic", label: "Work · Anthropic", protocols: ["anthropic" as const] };
const GEMINI = {
  id: "personal-gemini",
  label: "Personal · Gemini",
  protocols: ["gemini" as const, "openai-chat" as const],
};
const OPENAI = {
  id: "team-openai",
  label: "Team · OpenAI",
  protocols: ["openai-chat" as const, "openai-responses" as const],
};
const OPENROUTER = { id: "openrouter", label: "OpenRouter", protocols: ["openai-chat" as const] };

export const MODELS: ModelView[] = [
  {
    name: "claude-sonnet-5",
    accounts: [ANTHROPIC],
    contextWindow: 1_000_000,
    maxOutput: 64_000,
    price: { input: 3, output: 15, cacheRead: 0.3 },
    input: { image: true, pdf: true, audio: false },
    efforts: ["low", "medium", "high", "max"],
  },
  { name: "claude-haiku-5", accounts: [ANTHROPIC], contextWindow: 200_000, price: { input: 1, output: 5 } },
  {
    name: "gpt-5",
    accounts: [OPENAI],
    contextWindow: 400_000,
    maxOutput: 128_000,
    price: { input: 1.25, output: 10, cacheRead: 0.125 },
    input: { image: true, pdf: true, audio: false },
    efforts: ["minimal", "low", "medium", "high"],
    routed: true,
  },
  { name: "gpt-5-mini", accounts: [OPENAI], contextWindow: 400_000, price: { input: 0.25, output: 2 } },
  {
    name: "gemini-2.5-pro",
    accounts: [GEMINI],
    contextWindow: 1_048_576,
    price: { input: 1.25, output: 10 },
  },
  { name: "openrouter/anthropic/claude-sonnet-5", accounts: [OPENROUTER], contextWindow: 1_000_000 },
  { name: "qwen3:8b", accounts: [{ id: "ollama", label: "Ollama", protocols: ["openai-chat"] }] },
  {
    name: "sandbox/echo",
    accounts: [
      {
        id: "sandbox",
        label: "Sandbox",
        protocols: ["openai-chat", "openai-responses", "anthropic", "gemini"],
      },
    ],
    contextWindow: 200_000,
  },
];

/** As the gateway's own explanation reads. @param own routes, drafts as well */
export function explained(model: string, own: readonly RouteRule[]): RouteView {
  const route = own.find(
    (each) => each.model === model || (each.model === "claude-*" && model.startsWith("claude-")),
  );
  const account = MODELS.find(({ name }) => name === model)?.accounts[0];
  const target = route?.to[0] ?? (account === undefined ? undefined : `${account.id}/${model}`);
  const [id = "", ...rest] = target?.split("/") ?? [];
  const routing =
    route === undefined
      ? [`"${model}" is named by no route; the catalog decides.`]
      : [`"${model}" is named by route 1, "${route.model}" (wildcard).`];
  if (target === undefined) return { routing: [...routing, "Nobody serves it."], scheduling: [] };
  const used = rest.length === 0 ? model : rest.join("/");
  return {
    routing: [...routing, `1. ${target}`, `   ${id}: "${used}", priority 10, speaks Anthropic messages`],
    scheduling: [
      "Order of the accounts (cache-first):",
      `-> 1. ${id} "${used}": ready, 2 in flight, 81 % of its quota left`,
      `A new conversation would go to "${id}".`,
    ],
    chosen: { account: id, model: used, protocol: id === "work-anthropic" ? "anthropic" : "openai-chat" },
  };
}
