/** Who uses Portico today, and who could. */
import { t } from "@vscode/l10n";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { Dot } from "../../components/State.tsx";
import { countOf, format } from "../../labels.ts";
import { go } from "../../state/route.ts";

/** Those that the set-up knows, by the id that it goes by there. */
const KNOWN: readonly { id: string; name: string }[] = [
  { id: "claude-code", name: "Claude Code" },
  { id: "codex", name: "Codex" },
  { id: "gemini-cli", name: "Gemini CLI" },
  { id: "opencode", name: "OpenCode" },
  { id: "cline", name: "Cline" },
  { id: "continue", name: "Continue" },
];

export function Clients({ seen }: { seen: readonly { name: string; requests: number }[] }) {
  const others = KNOWN.filter(({ name }) => !seen.some((each) => each.name === name));
  return (
    <Section title={t("Clients")} aside={seen.length === 0 ? t("none seen today") : undefined}>
      <ul class="chips">
        {seen.map(({ name, requests }) => (
          <li
            key={name}
            class="chip"
            title={countOf(requests, t("1 request today"), t("{0} requests today", format.count(requests)))}
          >
            <Dot tone="ok" />
            <Button
              kind="figure"
              label={t("{0}, seen today: show its requests", name)}
              onClick={() => go("monitor", { time: "today", client: name })}
            >
              <span class="cut">{name}</span>
            </Button>
          </li>
        ))}
        {others.map(({ id, name }) => (
          <li key={id} class="chip">
            <Dot tone="off" />
            {name}
            <Button kind="link" label={t("Connect {0}", name)} onClick={() => go("connect", { client: id })}>
              {t("Connect")}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
