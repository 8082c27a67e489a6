/** What needs the person, worst first, each with the button that mends it. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { Need, Remedy } from "../state/needs.ts";
import { go } from "../state/route.ts";
import { call, inVsCode } from "../transport.ts";
import { Button } from "./Button.tsx";
import { Problem } from "./Message.tsx";
import { ReplaceKey } from "./ReplaceKey.tsx";
import { Section } from "./Section.tsx";

/** More than these are too many to act on at once. */
const MOST = 4;

export function AttentionList({ needs }: { needs: readonly Need[] }) {
  const [replacing, setReplacing] = useState<string>();
  if (needs.length === 0) return <p class="muted">{t("Nothing needs you.")}</p>;
  const more = needs.length - MOST;
  return (
    <Section title={t("Needs you")}>
      <ul class="needs">
        {needs.slice(0, MOST).map((need) => (
          <li key={need.key}>
            <Problem
              tone={need.tone}
              title={need.title}
              actions={<RemedyButton remedy={need.remedy} onReplaceKey={setReplacing} />}
            >
              {need.text}
            </Problem>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button kind="link" onClick={() => go("accounts")}>
          {t("and {0} more", more)}
        </Button>
      )}
      {replacing !== undefined && <ReplaceKey account={replacing} onClose={() => setReplacing(undefined)} />}
    </Section>
  );
}

function RemedyButton({ remedy, onReplaceKey }: { remedy: Remedy; onReplaceKey(account: string): void }) {
  switch (remedy.kind) {
    case "replace-key":
      return (
        <Button kind="primary" onClick={() => onReplaceKey(remedy.account)}>
          {t("Replace key")}
        </Button>
      );
    case "sign-in":
      return (
        <Button kind="primary" onClick={() => go("accounts", { id: remedy.account })}>
          {t("Sign in again")}
        </Button>
      );
    case "show-account":
      return <Button onClick={() => go("accounts", { id: remedy.account })}>{t("Show account")}</Button>;
    case "budgets":
      return <Button onClick={() => go("settings", { part: "budgets" })}>{t("Change")}</Button>;
    case "connect":
      return <Button onClick={() => go("connect")}>{t("Show tools")}</Button>;
    case "keys":
      return <Button onClick={() => go("api-proxy", { part: "keys" })}>{t("Show keys")}</Button>;
    case "records":
      return <Button onClick={() => go("settings", { part: "records" })}>{t("Show settings")}</Button>;
    case "log":
      return inVsCode ? <Button onClick={() => call("host.showLog")}>{t("Show log")}</Button> : null;
  }
}
