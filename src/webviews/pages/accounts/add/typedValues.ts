/** Headers and models that a person types, as values. Pure. */
import { t } from "@vscode/l10n";

/** Lines `Name: value`. @returns the headers, or what is wrong with them, for the person; values are not quoted */
export function readHeaders(
  text: string,
): { ok: true; headers: Record<string, string> } | { ok: false; problem: string } {
  const headers: Record<string, string> = {};
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const found = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*:\s*(\S.*?)\s*$/.exec(line);
    if (found?.[1] === undefined || found[2] === undefined) {
      return { ok: false, problem: t("Line {0} is not of the form Name: value.", i + 1) };
    }
    headers[found[1]] = found[2];
  }
  return { ok: true, headers };
}

/** `gpt-5, my-model` */
export function readModels(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((each) => each.trim())
    .filter(Boolean);
}
