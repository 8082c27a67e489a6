/** A tool choice as the model can be given it. */
import type { ModelTraits } from "../models/traits.ts";
import type { ToolChoice, Warn } from "./chat.ts";

export function attainableChoice(
  choice: ToolChoice,
  { forcedToolChoice: forced }: Pick<ModelTraits, "forcedToolChoice">,
  warn: Warn,
): ToolChoice {
  const forces = choice.type === "required" || choice.type === "tool";
  if (forced === "never" && (forces || (choice.type === "allowed" && choice.mode === "required"))) {
    warn("tool_choice", "this model cannot be made to call a tool; it may answer in words");
    return choice.type === "allowed" ? { ...choice, mode: "auto" } : { type: "auto" };
  }
  if (forced === "unnamed" && choice.type === "tool") {
    warn("tool_choice", "this model cannot be made to call a certain tool; it calls any");
    return { type: "required" };
  }
  return choice;
}

/** Does the choice force a call? */
export function forcesCall(choice: ToolChoice | undefined): boolean {
  if (choice?.type === "allowed") return choice.mode === "required";
  return choice?.type === "required" || choice?.type === "tool";
}
