/** How Portico itself gets out: through which proxy, and where that is set. */
import { t } from "@vscode/l10n";
import { Button } from "../../components/Button.tsx";
import { Problem, Skeleton } from "../../components/Message.tsx";
import { surroundings } from "../../state/gateway.ts";
import { inVsCode } from "../../transport.ts";
import { openSetting, Row } from "./setting.tsx";

export function NetworkSection() {
  const now = surroundings.value;
  if (now === undefined) return <Skeleton lines={2} />;
  const direct = now.proxy.used === "" || now.proxy.used === "none";
  return (
    <Row title={t("Proxy in between")}>
      <p>{direct ? t("None: providers are reached directly.") : <code>{now.proxy.used}</code>}</p>
      {now.proxy.problem !== undefined && <Problem tone="warn">{now.proxy.problem}</Problem>}
      <p class="muted">
        {now.kind === "vscode"
          ? t(
              "From VS Code's settings under “http.proxy”, else from HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Proxy scripts (PAC) are not followed.",
            )
          : t(
              "From HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY of the process. An account can have a proxy of its own in the config file. Proxy scripts (PAC) are not followed.",
            )}
      </p>
      {inVsCode && (
        <span>
          <Button kind="link" onClick={() => openSetting("http.proxy")}>
            {t("VS Code setting")}
          </Button>
        </span>
      )}
    </Row>
  );
}
