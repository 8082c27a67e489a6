/**
 * What models cost, from a maintained list of what providers publish. Where neither the person nor that
 * list says it, the price is unknown; it is never guessed. The list is large: only the records' thread
 * loads it, at the first question. It is part of the program and never fetched.
 */

import { compact } from "../common/json.ts";
import type { ProviderId } from "../providers/ids.ts";
import { ownPrice, type Price, type Rates } from "./price.ts";

/** Who is asked for what. */
export interface PriceQuestion {
  /** Id of the account. */
  readonly account: string;
  /** Id of its provider, as settings have it. */
  readonly provider?: string | undefined;
  /** Base URL of its endpoint, which tells the price of an account that names no known provider. */
  readonly base?: string | undefined;
  /** As the provider names it. */
  readonly model: string;
}

/** Providers by the names that the list has for them. What is not here is known by its address, or not. */
const LISTED: Readonly<Partial<Record<ProviderId, string>>> = {
  openai: "openai",
  anthropic: "anthropic",
  gemini: "google",
  vertex: "google",
  openrouter: "openrouter",
  deepseek: "deepseek",
  groq: "groq",
  mistral: "mistral",
  xai: "x-ai",
  zai: "zai",
  moonshot: "moonshotai",
  "azure-openai": "azure",
};
/** They run on this computer, or nowhere. */
const FREE: readonly string[] = ["sandbox", "ollama", "lmstudio"] satisfies ProviderId[];
const NOTHING: Rates = { input: 0, output: 0 };

/** Milliseconds: some prices depend on the hour. */
const HOLDS_MS = 3_600_000;
/** Answers that are remembered. */
const REMEMBERED = 2000;

type Library = typeof import("@pydantic/genai-prices");

export class PriceList {
  readonly #now: () => number;
  readonly #load: () => Promise<Library>;
  readonly #known = new Map<string, Rates | undefined>();
  #hour = -1;
  #own: readonly Price[] = [];
  #library: Library | undefined;

  constructor(now: () => number, load = (): Promise<Library> => import("@pydantic/genai-prices")) {
    this.#now = now;
    this.#load = load;
  }

  /** The person's own prices; they come first. */
  configure(own: readonly Price[]): void {
    this.#own = own;
  }

  /** To be awaited once before `rates`. @throws where the list cannot be loaded */
  async load(): Promise<void> {
    this.#library ??= await this.#load();
  }

  /** The price that the person gave. */
  own(account: string, model: string): Price | undefined {
    return ownPrice(this.#own, account, model);
  }

  /** @returns `undefined` where the price is not known */
  rates(question: PriceQuestion): Rates | undefined {
    const { account, model, provider } = question;
    const own = this.own(account, model);
    if (own !== undefined) return own;
    if (provider !== undefined && FREE.includes(provider)) return NOTHING;
    const hour = Math.floor(this.#now() / HOLDS_MS);
    if (hour !== this.#hour || this.#known.size >= REMEMBERED) this.#known.clear();
    this.#hour = hour;
    const key = `${provider ?? ""} ${question.base ?? ""} ${model}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const found = this.#lookUp(question);
    this.#known.set(key, found);
    return found;
  }

  #lookUp({ provider, base, model }: PriceQuestion): Rates | undefined {
    const library = this.#library;
    if (library === undefined) return undefined;
    const listed =
      (provider === undefined ? undefined : LISTED[provider as ProviderId]) ??
      (base === undefined ? undefined : library.findProvider({ providerApiUrl: base })?.id);
    if (listed === undefined) return undefined;
    const answer = library.calcPrice({ input_tokens: 0, output_tokens: 0 }, bare(model), {
      providerId: listed,
      timestamp: new Date(this.#now()),
    });
    return answer === null ? undefined : ratesOf(answer.model_price);
  }
}

/** Gemini's API takes `models/…` before a name, and Vertex a publisher. */
function bare(model: string): string {
  return model.replace(/^(?:publishers\/[^/]+\/)?models\//, "");
}

type ListedPrice =
  Awaited<ReturnType<Library["calcPrice"]>> extends infer T
    ? T extends { model_price: infer P }
      ? P
      : never
    : never;
type Unit = ListedPrice[string];

/** Prices per million tokens, with the dearer ones of long requests. */
function ratesOf(listed: ListedPrice): Rates | undefined {
  const { input_mtok, output_mtok, cache_read_mtok, cache_write_mtok } = listed;
  // Priced by something else: requests, seconds, pictures.
  if (input_mtok === undefined && output_mtok === undefined) return undefined;
  const at = (inputTokens: number): Omit<Rates, "above"> => {
    return compact({
      input: priceAt(input_mtok, inputTokens) ?? 0,
      output: priceAt(output_mtok, inputTokens) ?? 0,
      cacheRead: priceAt(cache_read_mtok, inputTokens),
      cacheWrite: priceAt(cache_write_mtok, inputTokens),
    });
  };
  const units = [input_mtok, output_mtok, cache_read_mtok, cache_write_mtok];
  const starts = [...new Set(units.flatMap((unit) => tiersOf(unit).map(({ start }) => start)))];
  if (starts.length === 0) return at(0);
  const above = starts.sort((a, b) => a - b).map((over) => ({ over, ...at(over + 1) }));
  return { ...at(0), above };
}

const tiersOf = (unit: Unit): readonly { start: number; price: number }[] =>
  typeof unit === "object" ? unit.tiers : [];

function priceAt(unit: Unit, inputTokens: number): number | undefined {
  if (unit === undefined || typeof unit === "number") return unit;
  let price = unit.base;
  for (const tier of [...unit.tiers].sort((a, b) => a.start - b.start)) {
    if (inputTokens > tier.start) price = tier.price;
  }
  return price;
}
