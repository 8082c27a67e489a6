/** Add account: whose models, which credential, a real check, and only then it is kept. */
import { t } from "@vscode/l10n";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LocalServer, ProviderView } from "../../../../control/contract.ts";
import { StartStop } from "../../../components/AppFrame.tsx";
import { Button } from "../../../components/Button.tsx";
import { Dialog } from "../../../components/Dialog.tsx";
import { Problem, Shown } from "../../../components/Message.tsx";
import { phase } from "../../../state/gateway.ts";
import { readyOf, type UseLoaded } from "../../../state/loaded.ts";
import { go, setQuery } from "../../../state/route.ts";
import { modelCount } from "../labels.ts";
import { reread } from "../work.ts";
import { ChooseProvider } from "./ChooseProvider.tsx";
import { FoundKeys } from "./FoundKeys.tsx";
import { ImportFile } from "./ImportFile.tsx";
import { LocalServers } from "./LocalServers.tsx";
import { ProviderForm } from "./ProviderForm.tsx";
import type { Added } from "./ways.ts";

export interface AddAccountProps {
  providers: UseLoaded<ProviderView[]>;
  /** `choose`, `found`, `import`, `local` or the id of a provider. */
  kind: string;
  onKind(kind: string): void;
  onClose(): void;
}

export function AddAccount({ providers, kind, onKind, onClose }: AddAccountProps) {
  const [added, setAdded] = useState<Added>();
  const [server, setServer] = useState<LocalServer>();
  // A sign-in or a check under way is not lost to a slip of the hand.
  const [busy, setBusy] = useState(false);
  const done = async (result: Added) => {
    setBusy(false);
    setAdded(result);
    await reread();
  };
  const known = providers.state.value;
  const provider = readyOf(known)?.find(({ id }) => id === kind);
  const shared = { onDone: done, onBusy: setBusy };
  const chooseServer = (chosen: LocalServer) => {
    setServer(chosen);
    onKind(chosen.provider);
  };
  const again = () => {
    setAdded(undefined);
    setServer(undefined);
    onKind("choose");
  };
  return (
    <Dialog
      title={titleOf(kind, provider, added)}
      wide={kind === "choose" && added === undefined}
      onClose={busy ? undefined : onClose}
    >
      {added !== undefined ? (
        <Done added={added} onAgain={again} onClose={onClose} />
      ) : (
        <>
          {kind !== "choose" && (
            <p>
              <Button kind="link" icon="arrow-left" disabled={busy} onClick={again}>
                {t("All ways to add an account")}
              </Button>
            </p>
          )}
          {kind === "found" && <FoundKeys {...shared} />}
          {kind === "import" && <ImportFile {...shared} />}
          {kind === "local" && <LocalServers onChoose={chooseServer} />}
          {!["found", "import", "local"].includes(kind) && (
            <Shown of={known} retry={providers.reload}>
              {(list) =>
                provider === undefined ? (
                  <ChooseProvider providers={list} onChoose={onKind} onServer={chooseServer} />
                ) : (
                  <ProviderForm
                    key={provider.id}
                    provider={provider}
                    server={server?.provider === provider.id ? server : undefined}
                    {...shared}
                  />
                )
              }
            </Shown>
          )}
        </>
      )}
    </Dialog>
  );
}

function titleOf(kind: string, provider: ProviderView | undefined, added: Added | undefined): string {
  if (added !== undefined) return added.accounts.length > 0 ? t("Added") : t("Nothing was added");
  if (kind === "found") return t("Add keys found on this computer");
  if (kind === "import") return t("Import accounts");
  if (kind === "local") return t("Add a server on this computer");
  if (provider === undefined) return t("Add account");
  return t("Add account · {0}", provider.id === "custom" ? t("Any other server") : provider.label);
}

function Done({ added, onAgain, onClose }: { added: Added; onAgain(): void; onClose(): void }) {
  const { accounts, failed } = added;
  const off = phase.value === "stopped";
  const end = useRef<HTMLButtonElement>(null);
  // Before the next key, which is meant for it.
  useLayoutEffect(() => end.current?.focus(), []);
  return (
    <div class="stack" role="status">
      {accounts.length > 0 && (
        <ul class="results">
          {accounts.map(({ id, label, models }) => (
            <li key={id}>
              <span class="codicon codicon-pass ok" aria-hidden="true" />
              <Button kind="link" onClick={() => setQuery({ add: undefined, id })}>
                {label}
              </Button>
              <span class="muted">
                {models === undefined ? t("not tried yet") : models === 0 ? t("works") : modelCount(models)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {failed.length > 0 && (
        <ul class="results">
          {failed.map(({ place, message }) => (
            <li key={place}>
              <span class="codicon codicon-error bad" aria-hidden="true" />
              <span>
                <span class="strong">{place}</span>: {message}
              </span>
            </li>
          ))}
        </ul>
      )}
      {accounts.length > 0 && off && (
        <Problem tone="info" actions={<StartStop />}>
          {t("Portico is stopped: no tool can use it yet.")}
        </Problem>
      )}
      {accounts.length > 0 && <p class="muted">{t("Next: have a tool use it, by Portico's address.")}</p>}
      <span class="row wrap">
        {accounts.length > 0 && (
          <Button kind="primary" onClick={() => go("connect")}>
            {t("Connect a client")}
          </Button>
        )}
        <Button buttonRef={end} onClick={onClose}>
          {t("Done")}
        </Button>
        <Button onClick={onAgain}>{t("Add another")}</Button>
      </span>
    </div>
  );
}
