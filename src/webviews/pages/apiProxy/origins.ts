/** What is wrong with an origin or a host name that a person types. Pure; the gateway judges again. */
import { t } from "@vscode/l10n";

const MOST = 100;

export function originProblem(value: string, known: readonly string[]): string | undefined {
  if (value === "") return t("Type an origin, such as {0}", "https://app.example.com");
  if (known.includes(value)) return t("It is on the list.");
  if (known.length >= MOST) return t("The list is full: {0} at most.", MOST);
  const found = /^([a-z][a-z0-9+.-]*):\/\/([^\s/]+)(\/.*)?$/i.exec(value);
  if (found === null) return t("An origin has a scheme and a host, such as {0}", "https://app.example.com");
  if (found[3] !== undefined) {
    return t("Leave out what follows the host: {0}", `${found[1]}://${found[2]}`);
  }
  if (value.includes("*") && /^https?:/i.test(value)) {
    return t(
      "A wildcard would let any web page in. List each origin, or use {0} and the like.",
      "vscode-webview://*",
    );
  }
  return value.length > 300 ? t("At most {0} characters.", 300) : undefined;
}

export function hostProblem(value: string, known: readonly string[]): string | undefined {
  if (value === "") return t("Type a name, such as {0}", "my-computer.local");
  if (known.includes(value)) return t("It is on the list.");
  if (known.length >= MOST) return t("The list is full: {0} at most.", MOST);
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(value)) {
    return t("A name has letters, digits, dots and dashes, without a port.");
  }
  return undefined;
}
