/** A route as a line to read. */
import { t } from "@vscode/l10n";
import type { RouteRule } from "../../../control/settings.ts";
import { editLabel } from "./routeRules.ts";

export function RuleText({ rule }: { rule: RouteRule }) {
  const edits = editLabel(rule.edit);
  const targets = rule.to.filter((each) => each.trim() !== "");
  return (
    <span class="rule-words">
      <code>{rule.model === "" ? t("(no name)") : rule.model}</code>
      <span class="muted" aria-hidden="true">
        →
      </span>
      <span class="spoken">{t("goes to")}</span>
      <span>
        {targets.length === 0 ? (
          <span class="muted">{t("nowhere yet")}</span>
        ) : (
          targets.map((each, i) => (
            <span key={each}>
              {i > 0 && <span class="muted">{t(", then ")}</span>}
              <code>{each}</code>
            </span>
          ))
        )}
        {edits.length > 0 && <span class="muted"> · {edits.join(", ")}</span>}
      </span>
    </span>
  );
}
