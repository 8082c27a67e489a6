/**
 * What Anthropic's own list says that a model takes: `ModelCapabilities` of the SDK. A type of thinking is `false`
 * exactly where a request that sends it gets a 400.
 */

import * as z from "zod";
import { compact } from "../../common/json.ts";
import { EFFORTS } from "../../models/effort.ts";
import type { ModelTraits } from "../../models/traits.ts";
import { lenient } from "../modelList.ts";

const support = lenient(z.object({ supported: z.boolean() }).nullable());

export const capabilitiesSchema = z.object({
  effort: lenient(
    z.object({
      supported: z.boolean(),
      low: support,
      medium: support,
      high: support,
      xhigh: support,
      max: support,
    }),
  ),
  thinking: lenient(
    z.object({
      supported: z.boolean(),
      types: lenient(
        z.object({ adaptive: support, enabled: support, disabled: support, between_tools: support }),
      ),
    }),
  ),
  context_management: lenient(z.object({ compact_20260112: support })),
  image_input: support,
  pdf_input: support,
  structured_outputs: support,
});

type Capabilities = z.infer<typeof capabilitiesSchema>;

/** Traits that are told; of the rest, the table of models knows. */
export function traitsByCapabilities(said: Capabilities): Partial<ModelTraits> {
  const { effort, image_input: image, pdf_input: pdf, structured_outputs: json } = said;
  const compacts = said.context_management?.compact_20260112?.supported;
  return {
    ...(effort === undefined ? {} : { efforts: effortsOf(effort) }),
    ...thinkingOf(said.thinking),
    ...(image?.supported === undefined || pdf?.supported === undefined
      ? {}
      : { input: { image: image.supported, pdf: pdf.supported, audio: false } }),
    ...compact({ jsonSchema: json?.supported, compactsItself: compacts }),
  };
}

function effortsOf(effort: NonNullable<Capabilities["effort"]>): ModelTraits["efforts"] {
  if (!effort.supported) return [];
  return EFFORTS.filter((each) => {
    const told: unknown = Reflect.get(effort, each);
    return typeof told === "object" && told !== null && Reflect.get(told, "supported") === true;
  });
}

function thinkingOf(thinking: Capabilities["thinking"]): Partial<ModelTraits> {
  if (thinking === undefined) return {};
  if (!thinking.supported) return { thinking: "none", reasons: false };
  const { adaptive, enabled, disabled, between_tools: between } = thinking.types ?? {};
  return {
    ...(adaptive?.supported
      ? { thinking: enabled?.supported ? ("both" as const) : ("adaptive" as const) }
      : enabled?.supported
        ? { thinking: "budget" as const }
        : {}),
    ...(disabled?.supported
      ? { off: "disabled" as const }
      : between?.supported
        ? { off: "between_tools" as const }
        : disabled?.supported === false
          ? { off: "never" as const }
          : {}),
  };
}

const supported = (it: boolean) => ({ supported: it });

/**
 * A model of any maker as a client of this protocol may use it here: what only Anthropic runs is Claude's, what is
 * translated is everybody's.
 */
export function capabilitiesOf(traits: ModelTraits) {
  const { claude, compactsItself, efforts, reasons, thinking, off, input, jsonSchema } = traits;
  const thinks = reasons && thinking !== "none";
  const own = supported(claude);
  return {
    batch: own,
    citations: own,
    code_execution: own,
    context_management: {
      ...own,
      clear_thinking_20251015: own,
      clear_tool_uses_20250919: own,
      compact_20260112: supported(compactsItself),
    },
    effort: {
      ...supported(efforts.some((effort) => effort !== "none")),
      low: supported(efforts.includes("low")),
      medium: supported(efforts.includes("medium")),
      high: supported(efforts.includes("high")),
      xhigh: supported(efforts.includes("xhigh")),
      max: supported(efforts.includes("max")),
    },
    image_input: supported(input.image),
    pdf_input: supported(input.pdf),
    server_tools: { ...own, code_execution: own, web_search: own },
    structured_outputs: supported(!claude || jsonSchema),
    thinking: {
      ...supported(thinks),
      types: {
        adaptive: supported(thinks && (!claude || thinking !== "budget")),
        enabled: supported(thinks && (!claude || thinking !== "adaptive")),
        disabled: supported(claude ? off === "disabled" : off !== "never"),
        between_tools: supported(off === "between_tools"),
      },
    },
  };
}
