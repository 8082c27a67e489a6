/** What became of a request: its status, and what that means. */
import type { RequestRow } from "../../control/requests.ts";
import { outcomeOf, statusText } from "../requestLabels.ts";

export function StatusWord({ row }: { row: Pick<RequestRow, "outcome" | "status" | "errorKind"> }) {
  const { word, tone } = outcomeOf(row);
  return (
    <span class={tone === "off" ? "muted" : tone}>
      <span class="mono">{statusText(row)}</span> {word}
    </span>
  );
}
