/** What to type into a tool that Portico has no text for: nearly all take an address like OpenAI's. */
import { t } from "@vscode/l10n";
import type { Snippet, SnippetOptions } from "./snippets.ts";

export function anyTool({ baseUrl, key, model }: SnippetOptions): Snippet[] {
  const fields = [
    [t("Base URL"), `${baseUrl}/v1`],
    [t("API key"), key],
    ...(model === "" ? [] : [[t("Model"), model]]),
  ] as const;
  return [
    {
      title: t("As a provider that speaks OpenAI's protocol"),
      code: fields.map(([name, value]) => `${name}: ${value}`).join("\n"),
    },
  ];
}
