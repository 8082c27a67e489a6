/** Before there is an account: what Portico is, and the first step. */
import { t } from "@vscode/l10n";
import { Button } from "../../components/Button.tsx";
import { TrySandbox } from "../../components/TrySandbox.tsx";
import { phase } from "../../state/gateway.ts";
import { go } from "../../state/route.ts";

export function FirstAccount() {
  const stopped = phase.value === "stopped";
  return (
    <div class="first">
      <h2>{t("One address for every AI tool on this computer")}</h2>
      <p>
        {t(
          "Add an account you have, such as Anthropic, OpenAI, Gemini or a server of your own. Claude Code, Codex and the others then reach it through Portico.",
        )}
      </p>
      <div class="row wrap">
        <Button kind="primary" icon="add" onClick={() => go("accounts", { add: "choose" })}>
          {t("Add the first account")}
        </Button>
        <TrySandbox />
      </div>
      <p class="muted">
        {stopped
          ? t("The sandbox answers without any account and costs nothing. Start the proxy to try it.")
          : t("Meanwhile the sandbox answers: without any account, and at no cost.")}
      </p>
      <Way />
    </div>
  );
}

/** The same as a picture: tools on the left, accounts on the right, Portico between them. */
function Way() {
  return (
    <div class="way" aria-hidden="true">
      <Names of={["Claude Code", "Codex", "Gemini CLI", t("any other tool")]} />
      <Lines />
      <span class="chip middle">Portico</span>
      <Lines flipped />
      <Names of={["Anthropic", "OpenAI", "Gemini", t("your own server")]} />
    </div>
  );
}

function Names({ of }: { of: readonly string[] }) {
  return (
    <ul>
      {of.map((name) => (
        <li key={name} class="chip">
          {name}
        </li>
      ))}
    </ul>
  );
}

const ROW = 36;
const ROWS = [0, 1, 2, 3];

/** From each row to the middle of them. */
function Lines({ flipped = false }: { flipped?: boolean }) {
  const middle = (ROWS.length * ROW) / 2;
  return (
    <svg
      aria-hidden="true"
      class={flipped ? "flipped" : undefined}
      viewBox={`0 0 60 ${2 * middle}`}
      preserveAspectRatio="none"
    >
      {ROWS.map((row) => {
        const y = (row + 0.5) * ROW;
        return <path key={row} d={`M0 ${y} C30 ${y} 30 ${middle} 60 ${middle}`} />;
      })}
    </svg>
  );
}
