/** From one address that a person types to the base URL of each protocol the server speaks. Pure. */
import { t } from "@vscode/l10n";
import { PROTOCOL_FACTS, type Protocol } from "../../../../control/protocol.ts";

/** @returns what is wrong with it, for the person */
export function addressProblem(text: string): string | undefined {
  const typed = text.trim();
  if (typed === "") return t("The address of the server, such as {0}", "http://127.0.0.1:8000/v1");
  if (!/^https?:\/\//i.test(typed)) return t("It starts with http:// or https://");
  if (!URL.canParse(typed)) return t("This is not a complete address.");
  const url = new URL(typed);
  if (url.username !== "" || url.password !== "") {
    return t("Leave user name and password out; the key has a field of its own.");
  }
  if (url.search !== "" || url.hash !== "") return t("Leave out what follows ? or #.");
  return undefined;
}

/** Some protocols have their version in the base, others behind it. */
export function endpointsAt(
  address: string,
  protocols: readonly Protocol[],
): Partial<Record<Protocol, string>> {
  const base = address.trim().replace(/\/+$/, "");
  const withVersion = new URL(base).pathname === "/" ? `${base}/v1` : base;
  const without = base.replace(/\/v1(beta)?$/, "");
  const endpoints: Partial<Record<Protocol, string>> = {};
  for (const protocol of protocols) {
    endpoints[protocol] = PROTOCOL_FACTS[protocol].versionInBase ? withVersion : without;
  }
  return endpoints;
}

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
