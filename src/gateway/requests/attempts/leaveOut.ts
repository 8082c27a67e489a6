/** Fields that the provider has refused for a model, taken off a body that we wrote. */
import { withoutField } from "../../models/refusal.ts";
import type { Warn } from "../../protocols/chat.ts";

export function leaveOut(
  body: Readonly<Record<string, unknown>>,
  paths: readonly string[],
  warn: Warn,
): Readonly<Record<string, unknown>> {
  return paths.reduce((rest, path) => {
    const left = withoutField(rest, path);
    if (left !== rest) warn(path, "the provider has refused it for this model; left out");
    return left;
  }, body);
}
