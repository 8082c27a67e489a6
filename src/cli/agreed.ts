/** What is written for good is asked about first. */

import { createInterface } from "node:readline";
import { t } from "@vscode/l10n";
import { UsageError } from "./command.ts";
import type { Console } from "./output.ts";

/** @param yes the person said so beforehand. @throws UsageError where nobody can be asked */
export async function agreed(question: string, yes: boolean, { stdin, err }: Console): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTTY) throw new UsageError(t("nothing was written: nobody can be asked here; give --yes"));
  const lines = createInterface({ input: stdin });
  try {
    err.write(`${question} [y/N] `);
    const answer = await new Promise<string>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
