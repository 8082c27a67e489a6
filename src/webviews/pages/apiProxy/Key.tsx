/** Portico's own key: hidden until it is asked for, and not for long. */
import { t } from "@vscode/l10n";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../../components/Button.tsx";
import { copy } from "../../components/Copyable.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { Failure } from "../../components/Message.tsx";
import { useAction } from "../../state/action.ts";
import { seen } from "../../state/seen.ts";
import { call } from "../../transport.ts";

/** Milliseconds that it is shown. */
const SHOWN_MS = 30_000;

export function Key() {
  const [key, setKey] = useState<string>();
  const [asking, setAsking] = useState(false);
  const visible = seen.value;
  useEffect(() => {
    if (key === undefined) return;
    if (!visible) {
      setKey(undefined);
      return;
    }
    const timer = setTimeout(() => setKey(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [key, visible]);
  const show = useAction(async () => setKey((await call("auth.key")).apiKey));
  const take = useAction(async () => copy((await call("auth.key")).apiKey, t("the key")));
  return (
    <>
      <span class="row wrap">
        <code class="key">{key ?? "••••••••••••••••"}</code>
        {key === undefined ? (
          <Button icon="eye" busy={show.busy} onClick={() => show.run()}>
            {t("Show")}
          </Button>
        ) : (
          <Button icon="eye-closed" onClick={() => setKey(undefined)}>
            {t("Hide")}
          </Button>
        )}
        <Button icon="copy" busy={take.busy} label={t("Copy the key")} onClick={() => take.run()}>
          {t("Copy")}
        </Button>
        <Button icon="refresh" onClick={() => setAsking(true)}>
          {t("New key…")}
        </Button>
      </span>
      <p class="muted">
        {t("Tools send it where they would send a provider's key. It never reaches a provider.")}
      </p>
      <Failure message={show.problem ?? take.problem} />
      {asking && (
        <ActionDialog
          title={t("Make a new key?")}
          action={t("Make and copy a new key")}
          danger
          onClose={() => setAsking(false)}
          run={async () => {
            setKey(undefined);
            await copy((await call("auth.rotate")).apiKey, t("the new key"));
          }}
        >
          <p>
            {t(
              "The old key stops working at once: every tool that has to show it is refused until it is given the new one. It cannot be brought back.",
            )}
          </p>
        </ActionDialog>
      )}
    </>
  );
}
