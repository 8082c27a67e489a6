/** From one address that a person types to the base URL of each protocol the server speaks. */
import { addressProblem, cleanAddress } from "./pastedText.ts";
import { PROTOCOL_FACTS, type Protocol } from "./protocol.ts";
import { english, type Translate } from "./stateWords.ts";

/** @returns what is wrong with it, for the person; `undefined` when it is fine. */
export function baseUrlProblem(text: string, t: Translate = english): string | undefined {
  const typed = cleanAddress(text);
  if (typed === "") return t("The address of the server, such as {0}", "http://127.0.0.1:8000/v1");
  if (!/^https?:\/\//i.test(typed)) return t("It starts with http:// or https://");
  if (!URL.canParse(typed)) return t("This is not a complete address.");
  if (/\s/.test(typed)) return t("It {0}.", addressProblem(typed, t) ?? "");
  const url = new URL(typed);
  if (url.username !== "" || url.password !== "")
    return t("Leave user name and password out; the key comes next.");
  if (url.search !== "" || url.hash !== "") return t("Leave out what follows ? or #.");
  return undefined;
}

/**
 * Bases of OpenAI's protocols hold their version: an address without a path gets `/v1`. Those of
 * Anthropic and Gemini do not: a version at the end is left out.
 */
export function endpointsOf(
  address: string,
  protocols: readonly Protocol[],
): Partial<Record<Protocol, string>> {
  const base = cleanAddress(address).replace(/\/+$/, "");
  const bare = new URL(base).pathname === "/";
  return Object.fromEntries(
    protocols.map((protocol) => {
      if (!PROTOCOL_FACTS[protocol].versionInBase) return [protocol, base.replace(/\/v1(beta)?$/, "")];
      return [protocol, bare ? `${base}/v1` : base];
    }),
  );
}
