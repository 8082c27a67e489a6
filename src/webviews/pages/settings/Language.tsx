/** In a browser: in which language these pages are. In VS Code they follow its own. */
import { t } from "@vscode/l10n";
import { LANGUAGES, type Language } from "../../../control/languages.ts";
import { Choice } from "../../components/Choice.tsx";
import { Section } from "../../components/Section.tsx";
import { chooseLanguage, chosenLanguage } from "../../language.ts";

const names = Object.entries(LANGUAGES) as [Language, { name: string }][];

export function LanguageChoice() {
  return (
    <Section title={t("Language")} aside={t("of these pages, in this browser")}>
      <Choice<Language | "browser">
        label={t("Language")}
        hideLabel
        value={chosenLanguage() ?? "browser"}
        options={[
          { value: "browser", label: t("As the browser is set") },
          ...names.map(([value, { name }]) => ({ value, label: name })),
        ]}
        onChange={(value) => chooseLanguage(value === "browser" ? undefined : value)}
      />
    </Section>
  );
}
