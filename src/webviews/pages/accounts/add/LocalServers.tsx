/** Model servers that answer on this computer. */
import { t } from "@vscode/l10n";
import type { LocalServer } from "../../../../control/contract.ts";
import { Button } from "../../../components/Button.tsx";
import { Empty, Shown } from "../../../components/Message.tsx";
import { useLoaded } from "../../../state/loaded.ts";
import { call } from "../../../transport.ts";
import { modelCount } from "../labels.ts";

export function LocalServers({ onChoose }: { onChoose(server: LocalServer): void }) {
  const found = useLoaded((signal) => call("local.detect", undefined, { signal }));
  return (
    <Shown of={found.state.value} retry={found.reload}>
      {(servers) =>
        servers.length === 0 ? (
          <Empty action={<Button onClick={() => found.reload()}>{t("Look again")}</Button>}>
            {t(
              "No Ollama or LM Studio answers on this computer that is not an account already. Start it, then look again.",
            )}
          </Empty>
        ) : (
          <ul class="found">
            {servers.map((server) => (
              <li key={server.baseUrl} class="row">
                <span class="grow">
                  {server.label} <span class="muted">{modelCount(server.models.length)}</span>
                  <br />
                  <code class="muted">{server.baseUrl}</code>
                </span>
                <Button kind="primary" onClick={() => onChoose(server)}>
                  {t("Add")}
                </Button>
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  );
}
