/** What changes in a client's files, for a person to look at. */
import { t } from "@vscode/l10n";
import type { ClientChange } from "../control/clients.ts";
import type { Console } from "./output.ts";
import { paint, plain } from "./screen.ts";
import { diffLines } from "./textDiff.ts";

export const isNothing = ({ files }: ClientChange) => files.every(({ before, after }) => before === after);

export function showChange(change: ClientChange, { out }: Console): void {
  for (const file of change.files) for (const line of diffLines(file, out)) out.line(line);
  for (const name of change.left) {
    out.line(paint(out, "yellow", `! ${t("{0} was changed since and stays as it is.", plain(name))}`));
  }
  for (const name of change.dropped) {
    out.line(
      paint(
        out,
        "yellow",
        `! ${t("{0} is not put back: another address stands beside it now.", plain(name))}`,
      ),
    );
  }
}
