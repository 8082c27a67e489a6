/** Keys of clients: who has one, what it may do, and a new one, which is shown once. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { KeyView, MadeKey } from "../../../control/keys.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { Copyable } from "../../components/Copyable.tsx";
import { Ago } from "../../components/Countdown.tsx";
import { ActionDialog, Dialog } from "../../components/Dialog.tsx";
import { Empty, Shown } from "../../components/Message.tsx";
import { Tag } from "../../components/State.tsx";
import { format } from "../../labels.ts";
import { useLoaded } from "../../state/loaded.ts";
import { go } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { KeyDialog } from "./KeyDialog.tsx";
import { limitsOf } from "./keyLimits.ts";

type Asked = { to: "add" } | { to: "change" | "replace" | "revoke"; key: KeyView };

export function KeysSection() {
  const keys = useLoaded((signal) => call("keys.list", undefined, { signal }));
  const [asked, setAsked] = useState<Asked>();
  const [made, setMade] = useState<MadeKey>();
  const done = (key?: MadeKey) => {
    setMade(key);
    return keys.reload();
  };
  const close = () => setAsked(undefined);
  const add = (
    <Button icon="add" onClick={() => setAsked({ to: "add" })}>
      {t("Add a key…")}
    </Button>
  );
  return (
    <Shown of={keys.state.value} retry={keys.reload}>
      {(list) => (
        <div class="stack client-keys">
          <p class="muted">
            {t(
              "A tool or a colleague can have a key of its own, with limits, and lose it without touching the others. While nobody on this computer needs a key, limits bind only those who send one.",
            )}
          </p>
          {list.length === 0 ? (
            <Empty action={add}>{t("There is no client key yet.")}</Empty>
          ) : (
            <>
              <ul class="lines" aria-label={t("Keys")}>
                {list.map((key) => (
                  <li key={key.id}>
                    <Line view={key} ask={(to) => setAsked({ to, key })} />
                  </li>
                ))}
              </ul>
              <span>{add}</span>
            </>
          )}
          {asked?.to === "add" && <KeyDialog onClose={close} onMade={done} onSaved={done} />}
          {asked?.to === "change" && (
            <KeyDialog view={asked.key} onClose={close} onMade={done} onSaved={done} />
          )}
          {asked?.to === "replace" && (
            <ActionDialog
              title={t("Make a new key for {0}?", asked.key.name)}
              action={t("Make a new key")}
              onClose={close}
              run={async () => done(await call("keys.rotate", { id: asked.key.id }))}
            >
              <p>{t("Name and limits stay. The old key is taken for one more hour.")}</p>
            </ActionDialog>
          )}
          {asked?.to === "revoke" && (
            <ActionDialog
              title={t("Revoke the key of {0}?", asked.key.name)}
              action={t("Revoke")}
              danger
              onClose={close}
              run={async () => {
                await call("keys.revoke", { id: asked.key.id });
                await done();
              }}
            >
              <p>
                {t("It is refused at once and for good. Stored responses that it made are nobody's then.")}
              </p>
            </ActionDialog>
          )}
          {made !== undefined && <Made made={made} onClose={() => setMade(undefined)} />}
        </div>
      )}
    </Shown>
  );
}

function Line({ view, ask }: { view: KeyView; ask(to: "change" | "replace" | "revoke"): void }) {
  const { id, name, shown, state, readOnly, lastUsedAt, expiresAt, note } = view;
  const limits = limitsOf(view);
  return (
    <div class="client-key">
      <span class="who">
        <span class="row wrap">
          <span title={note}>{name}</span>
          {shown !== "" && <code>{shown}</code>}
          {state === "disabled" && <Tag>{t("switched off")}</Tag>}
          {state === "expired" && <Tag>{t("expired")}</Tag>}
        </span>
        <span class="muted">
          {lastUsedAt === undefined ? t("never used") : <Ago time={lastUsedAt} />}
          {expiresAt !== undefined &&
            ` · ${state === "expired" ? t("expired {0}", format.day(expiresAt)) : t("expires {0}", format.day(expiresAt))}`}
          {` · ${limits === "" ? t("no limits") : limits}`}
        </span>
      </span>
      <span class="row">
        <IconButton
          icon="list-unordered"
          label={t("Requests of {0}", name)}
          onClick={() => go("monitor", { key: id })}
        />
        <IconButton
          icon="graph"
          label={t("Token Stats of {0}", name)}
          onClick={() => go("token-stats", { key: id })}
        />
        {readOnly ? (
          <span class="muted">{t("config file")}</span>
        ) : (
          <>
            <IconButton icon="edit" label={t("Change {0}", name)} onClick={() => ask("change")} />
            {shown !== "" && (
              <IconButton icon="refresh" label={t("New key for {0}", name)} onClick={() => ask("replace")} />
            )}
            <IconButton icon="trash" label={t("Revoke {0}", name)} onClick={() => ask("revoke")} />
          </>
        )}
      </span>
    </div>
  );
}

function Made({ made: { key, view }, onClose }: { made: MadeKey; onClose(): void }) {
  return (
    <Dialog
      title={t("The key of {0}", view.name)}
      onClose={onClose}
      footer={
        <Button kind="primary" onClick={onClose}>
          {t("Done")}
        </Button>
      }
    >
      <p>{t("It is shown this once: copy it now. Portico keeps no more than its digest.")}</p>
      <Copyable text={key} what={t("the key")} />
    </Dialog>
  );
}
