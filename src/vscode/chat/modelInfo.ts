/** The pool's models, as VS Code's chat lists them. */
import { t } from "@vscode/l10n";
import type { HeldAccount } from "../../control/accounts.ts";
import { holdEnd } from "../../control/holds.ts";
import type { ModelView } from "../../control/settings.ts";
import { matches } from "../../control/wildcard.ts";

/**
 * `LanguageModelChatInformation` with what VS Code reads beside it (tried in 1.139): none of it needs a proposal.
 */
export interface ChatModel {
  /** As the gateway knows it. */
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly detail?: string;
  readonly tooltip?: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: { readonly imageInput: boolean; readonly toolCalling: boolean };
  readonly isUserSelectable: true;
  readonly pricing?: string;
  /** Why it cannot answer at the moment. */
  readonly warningText?: readonly string[];
  /** The menu of efforts. */
  readonly configurationSchema?: object;
}

/** As `package.json` contributes it. */
export const VENDOR = "portico";
/** Tokens, where nobody says: what most models have at least. */
const CONTEXT = 128_000;
const OUTPUT = 16_000;
/** Shown unless the person names models. */
export const MAX_MODELS = 40;
/** The name of the choice in the menu of efforts. */
export const EFFORT = "reasoningEffort";

export interface Choice {
  /** Names, with `*` for any text; empty: routes first, then the rest, {@link MAX_MODELS} at most. */
  readonly wanted: readonly string[];
  readonly held: readonly HeldAccount[];
  /** Of a moment, as the person reads it. Milliseconds since 1970. */
  time(at: number): string;
}

/** One row per model: names that only pick an account (`ACCOUNT/MODEL`) are left out, unless there is no other. */
export function chatModels(models: readonly ModelView[], { wanted, held, time }: Choice): ChatModel[] {
  const names = new Set(models.map(({ name }) => name));
  const once = models.filter(({ name, accounts, routed }) => {
    const [account] = accounts;
    const alone = routed !== true && accounts.length === 1 && account !== undefined;
    return !(alone && name.startsWith(`${account.id}/`) && names.has(name.slice(account.id.length + 1)));
  });
  const chosen =
    wanted.length > 0
      ? once.filter(({ name }) =>
          wanted.some((pattern) => matches(pattern.toLowerCase(), name.toLowerCase())),
        )
      : once.toSorted((a, b) => Number(b.routed === true) - Number(a.routed === true)).slice(0, MAX_MODELS);
  return chosen.map((model) => chatModel(model, held, time));
}

function chatModel(model: ModelView, held: readonly HeldAccount[], time: Choice["time"]): ChatModel {
  const { name, accounts, contextWindow = CONTEXT, price, input, efforts = [] } = model;
  const maxOutputTokens = Math.min(model.maxOutput ?? OUTPUT, Math.ceil(contextWindow / 2));
  const labels = accounts.map(({ label }) => label);
  const warning = warningOf(model, held, time);
  return {
    id: name,
    name,
    family: name,
    version: "1",
    ...(labels.length === 0
      ? {}
      : { detail: labels.length === 1 ? labels[0] : t("{0} accounts", labels.length) }),
    tooltip: [
      t("{0}, by Portico", name),
      ...(labels.length === 0 ? [] : [labels.slice(0, 5).join(", ")]),
    ].join("\n"),
    // VS Code shows their sum as the context.
    maxInputTokens: contextWindow - maxOutputTokens,
    maxOutputTokens,
    // Agent mode lists only what calls tools; a model that does not is refused by its provider, in words.
    capabilities: { imageInput: input?.image ?? true, toolCalling: true },
    isUserSelectable: true,
    ...(price === undefined
      ? {}
      : { pricing: t("{0} in, {1} out per million tokens", `$${price.input}`, `$${price.output}`) }),
    ...(warning === undefined ? {} : { warningText: [warning] }),
    ...(efforts.length < 2 ? {} : { configurationSchema: effortMenu(efforts) }),
  };
}

/** All of its accounts wait or are used up. */
function warningOf(
  { name, accounts }: ModelView,
  held: readonly HeldAccount[],
  time: Choice["time"],
): string | undefined {
  const holds = accounts.map(({ id }) =>
    held.find(({ account, model }) => account === id && (model === undefined || model === name)),
  );
  const [first] = holds;
  if (first === undefined || holds.some((hold) => hold === undefined)) return undefined;
  const ends = holds.map((hold) => (hold === undefined ? undefined : holdEnd(hold)?.at));
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0
    ? t("No account can answer: one needs you. See Portico's status bar.")
    : t("No account can answer before {0}.", time(Math.min(...known)));
}

function effortMenu(efforts: readonly string[]): object {
  return {
    type: "object",
    properties: {
      [EFFORT]: {
        type: "string",
        title: t("Thinking"),
        enum: ["default", ...efforts],
        enumItemLabels: [
          t("Default"),
          ...efforts.map((effort) => effort.charAt(0).toUpperCase() + effort.slice(1)),
        ],
        default: "default",
        group: "navigation",
      },
    },
  };
}

/** What was chosen in the menu; `undefined`: nothing, so the model's own default. */
export function effortOf(configuration: unknown): string | undefined {
  if (typeof configuration !== "object" || configuration === null || !(EFFORT in configuration))
    return undefined;
  const effort = configuration[EFFORT];
  return typeof effort === "string" && effort !== "default" ? effort : undefined;
}
