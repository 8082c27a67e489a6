/** What can be done with a request that is over. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { RequestDetails } from "../../../control/requests.ts";
import { Button } from "../../components/Button.tsx";
import { Failure } from "../../components/Message.tsx";
import { toast } from "../../components/Toast.tsx";
import { useAction } from "../../state/action.ts";
import { settingNow } from "../../state/gateway.ts";
import { go } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { SendAgain } from "./SendAgain.tsx";

export function Actions({ request, onShow }: { request: RequestDetails; onShow(id: string): void }) {
  const [sending, setSending] = useState(false);
  const recorded = request.requestBody !== undefined && !request.requestBody.cut;
  const curl = useAction(async () => {
    const { command, complete } = await call("requests.curl", { id: request.id });
    await call("host.copy", { text: command });
    toast(
      complete
        ? t("Copied. Put your key in place of its placeholder.")
        : t("Copied without its body, which was not recorded."),
    );
  });
  return (
    <div class="stack close part">
      <div class="row wrap">
        <Button busy={curl.busy} onClick={() => curl.run()}>
          {t("Copy as curl")}
        </Button>
        {recorded && <Button onClick={() => setSending(true)}>{t("Send again to…")}</Button>}
      </div>
      {!recorded && (
        <p class="muted">
          {request.requestBody === undefined
            ? t(
                "A request can be sent again when what it asks is recorded, which begins when you turn it on.",
              )
            : t("Only the beginning of what it asked was recorded, so it cannot be sent again.")}{" "}
          <Button kind="link" onClick={() => go("settings", { part: "privacy" })}>
            {settingNow("records.bodies") ? t("Recording…") : t("Turn on recording…")}
          </Button>
        </p>
      )}
      <Failure message={curl.problem} />
      {sending && <SendAgain request={request} onShow={onShow} onClose={() => setSending(false)} />}
    </div>
  );
}
