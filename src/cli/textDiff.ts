/** What changes in a file, for a terminal. */
import type { FileChange } from "../control/clients.ts";
import { diffOf } from "../gateway/clients/textDiff.ts";
import { paint, plain, type Screen } from "./screen.ts";

export function diffLines(change: FileChange, screen: Pick<Screen, "colour">): string[] {
  const { path, before, after } = change;
  const what = before === undefined ? " (new)" : after === undefined ? " (removed)" : "";
  const head = paint(screen, "bold", `${plain(path)}${what}`);
  if (before === after) return [`${head} (as it is)`];
  const lines = diffOf(change).map(({ sign, text }) => {
    const line = sign === "…" ? "  …" : `  ${sign} ${plain(text)}`;
    return sign === " " ? line : paint(screen, sign === "+" ? "green" : sign === "-" ? "red" : "dim", line);
  });
  return [head, ...lines];
}
