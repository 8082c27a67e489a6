/** The redacted report, made short enough for an issue. */

/** Characters; an issue at GitHub has 65,536, and the editor adds its own lines. */
const MAX_REPORT = 30_000;
const LOG = "# Log\n";

/** As text that is shown as it stands; of the log the newest lines. @param report of `diagnostics.get` */
export function reportForIssue(report: string): string {
  const at = report.indexOf(`\n${LOG}`);
  const facts = at === -1 ? report : report.slice(0, at + 1);
  const lines = at === -1 ? [] : report.slice(at + 1 + LOG.length).split("\n");
  const head = facts.slice(0, MAX_REPORT);
  let room = MAX_REPORT - head.length;
  const newest: string[] = [];
  for (const line of lines.toReversed()) {
    room -= line.length + 1;
    if (room < 0) break;
    newest.unshift(line);
  }
  const left = lines.length - newest.length;
  const log =
    at === -1 ? "" : `${LOG}${left > 0 ? `(${left} older lines left out)\n` : ""}${newest.join("\n")}`;
  // Nothing in it ends the block that it stands in.
  const text = `${head}${log}`.replaceAll("```", "'''").trimEnd();
  return `\`\`\`\n${text}\n\`\`\``;
}
