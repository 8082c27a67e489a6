/** A web page was turned away: from here it can be let in. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { RequestRow } from "../../../control/requests.ts";
import { Button } from "../../components/Button.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { Problem } from "../../components/Message.tsx";
import { toast } from "../../components/Toast.tsx";
import { refusedOrigin } from "../../requestLabels.ts";
import { settings } from "../../state/gateway.ts";
import { readyOf } from "../../state/loaded.ts";
import { call, inVsCode } from "../../transport.ts";

export function AllowOrigin({ row }: { row: RequestRow }) {
  const [asking, setAsking] = useState(false);
  const origin = refusedOrigin(row);
  if (origin === undefined) return null;
  const view = readyOf(settings.value);
  const allowed = view?.values.allowedOrigins ?? [];
  if (allowed.includes(origin)) {
    return (
      <Problem tone="info">{t("{0} is allowed by now: reload its page and try again.", origin)}</Problem>
    );
  }
  const home = view?.homes.allowedOrigins;
  const elsewhere =
    home === "config"
      ? t("Which pages may call is set in {0}; add it there.", view?.configFile ?? t("the config file"))
      : home === "vscode" && !inVsCode
        ? t("Which pages may call is set in VS Code, as {0}; add it there.", "portico.allowedOrigins")
        : undefined;
  return (
    <>
      <Problem
        tone="warn"
        title={t("A web page was turned away: {0}", origin)}
        actions={
          elsewhere === undefined && (
            <Button disabled={view === undefined} onClick={() => setAsking(true)}>
              {t("Allow this origin…")}
            </Button>
          )
        }
      >
        {elsewhere ?? t("Pages of the web may not use your accounts unless you allow it.")}
      </Problem>
      {asking && (
        <ActionDialog
          title={t("Allow {0}?", origin)}
          action={t("Allow")}
          run={async () => {
            const change = { allowedOrigins: [...allowed, origin] };
            settings.value = { kind: "ready", value: await call("settings.update", change) };
            toast(t("{0} is allowed", origin));
          }}
          onClose={() => setAsking(false)}
        >
          <p>
            {t(
              "Every page from {0} can then send requests through Portico, spend your accounts and read the answers, as long as Portico runs and the page is open in a browser on this computer.",
              origin,
            )}
          </p>
          <p>{t("Allow only what you know. You can take it back on the page API Proxy.")}</p>
        </ActionDialog>
      )}
    </>
  );
}
