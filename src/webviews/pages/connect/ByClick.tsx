/** One tool connected by its own settings: how it is, what would change, and that written or put back. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { ClientPreview, ClientState, ClientWish, DiffLine } from "../../../control/clients.ts";
import { Button } from "../../components/Button.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { DotWord } from "../../components/State.tsx";
import { toast } from "../../components/Toast.tsx";
import type { Tone } from "../../labels.ts";
import { useAction } from "../../state/action.ts";
import { status, surroundings } from "../../state/gateway.ts";
import { call, inVsCode } from "../../transport.ts";
import { Offers } from "./Offers.tsx";
import { outdatedWords } from "./Outdated.tsx";

/** @param props.model `""`: the tool's own choice */
export function ByClick(props: {
  client: ClientState;
  model: string;
  /** Of the models that there are. */
  names: readonly string[];
  onChange(): unknown;
}) {
  const { client, model } = props;
  const [offers, setOffers] = useState(client.offers);
  const [shown, setShown] = useState<{ wish: ClientWish; preview: ClientPreview }>();
  const look = useAction(async (to: ClientWish["to"]) => {
    const { id } = client;
    const wish: ClientWish =
      to === "connect"
        ? { id, to, ...(model === "" ? {} : { model }), ...(offers === undefined ? {} : { offers }) }
        : { id, to };
    setShown({ wish, preview: await call("clients.preview", wish) });
  });
  const terminal = useAction(() => call("host.openTerminal", { client: client.id }));
  const { tone, words } = stateOf(client);
  return (
    <div class="stack close">
      <p class="row wrap">
        <span class="grow row wrap">
          <DotWord tone={tone}>{words}</DotWord>
          {client.version !== undefined && <span class="muted">{t("version {0}", client.version)}</span>}
        </span>
        {client.found && client.problem === undefined && (
          <Button
            kind={client.connected ? "plain" : "primary"}
            busy={look.busy}
            onClick={() => look.run(client.outdated === undefined ? "connect" : "update")}
          >
            {client.connected ? t("Update…") : t("Connect…")}
          </Button>
        )}
        {inVsCode && client.program !== undefined && (client.runs !== undefined || client.connected) && (
          <Button icon="terminal" busy={terminal.busy} onClick={() => terminal.run()}>
            {t("Open in Terminal")}
          </Button>
        )}
        {client.undoable && (
          <Button busy={look.busy} onClick={() => look.run("disconnect")}>
            {t("Disconnect…")}
          </Button>
        )}
      </p>
      {offers !== undefined && client.found && client.problem === undefined && (
        <Offers label={client.label} names={props.names} chosen={offers} onChange={setOffers} />
      )}
      <Failure message={look.problem ?? terminal.problem} />
      {client.problem !== undefined && <Problem tone="warn">{client.problem}</Problem>}
      {client.found && client.beatenBy.length > 0 && (
        <Problem tone="warn" title={t("Something goes before these settings")}>
          {client.beatenBy.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </Problem>
      )}
      {shown !== undefined && (
        <Preview
          client={client}
          {...shown}
          onClose={() => setShown(undefined)}
          onDone={() => {
            // What it listed is listed no longer.
            if (shown.wish.to === "disconnect" && offers !== undefined) setOffers([]);
            setShown(undefined);
            props.onChange();
          }}
        />
      )}
    </div>
  );
}

function stateOf(client: ClientState): { tone: Tone; words: string } {
  const { connected, baseUrl, found } = client;
  if (client.outdated !== undefined) return { tone: "warn", words: outdatedWords(client) };
  const proxy = status.value?.proxy;
  const here = proxy?.kind === "running" ? proxy.baseUrl : undefined;
  if (!found) return { tone: "off", words: t("Not found on this computer") };
  if (baseUrl === undefined) return { tone: "off", words: t("Talks to its own provider") };
  if (!connected && baseUrl !== here) return { tone: "off", words: t("Talks to {0}", baseUrl) };
  if (here !== undefined && baseUrl !== here) {
    return { tone: "warn", words: t("Connected to {0}, where Portico is no longer", baseUrl) };
  }
  return { tone: "ok", words: t("Connected") };
}

function Preview(props: {
  client: ClientState;
  wish: ClientWish;
  preview: ClientPreview;
  onClose(): void;
  onDone(): void;
}) {
  const { client, wish, preview } = props;
  const { label } = client;
  const connects = wish.to !== "disconnect";
  const write = useAction(async () => {
    await call("clients.apply", { wish, seen: preview.seen });
    toast(connects ? t("{0} is connected.", label) : t("{0} is no longer connected.", label));
    props.onDone();
  });
  const compare = useAction(() => call("host.showChanges", wish));
  const { routes = [] } = preview;
  const sameFiles = preview.files.every(({ what }) => what === "same");
  const nothing = sameFiles && routes.length === 0;
  return (
    <Dialog
      title={connects ? t("Connect {0}", label) : t("Disconnect {0}", label)}
      onClose={props.onClose}
      footer={
        <>
          {inVsCode && !sameFiles && (
            <Button icon="diff" busy={compare.busy} onClick={() => compare.run()}>
              {t("Show Changes")}
            </Button>
          )}
          <Button onClick={props.onClose}>{t("Cancel")}</Button>
          <Button kind="primary" busy={write.busy} disabled={connects && nothing} onClick={() => write.run()}>
            {connects ? t("Connect") : t("Disconnect")}
          </Button>
        </>
      }
    >
      <p class="muted">
        {connects && nothing
          ? t("Its settings say so already: there is nothing to write.")
          : surroundings.value?.host === undefined
            ? t("This is all that changes, on the computer that Portico runs on. Keys are not shown here.")
            : t(
                "This is all that changes, on the computer that Portico runs on ({0}). Keys are not shown here.",
                surroundings.value.host,
              )}
      </p>
      {preview.files.map((file) => (
        <Change key={file.path} file={file} />
      ))}
      {routes.length > 0 && (
        <figure class="code">
          <figcaption>{t("Routes")}</figcaption>
          <Lines lines={routes} />
        </figure>
      )}
      {preview.left.map((name) => (
        <p key={name}>{t("{0} was changed since and stays as it is.", name)}</p>
      ))}
      {preview.dropped.map((name) => (
        <p key={name}>{t("{0} is not put back: another address stands beside it now.", name)}</p>
      ))}
      {preview.notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
      <Failure message={write.problem ?? compare.problem} />
    </Dialog>
  );
}

function Change({ file: { path, what, lines } }: { file: ClientPreview["files"][number] }) {
  const kinds: Readonly<Record<string, string>> = {
    new: t("new"),
    removed: t("removed"),
    same: t("as it is"),
  };
  return (
    <figure class="code">
      <figcaption>
        <code>{path}</code> <span class="muted">{kinds[what]}</span>
      </figcaption>
      {lines.length > 0 && <Lines lines={lines} />}
    </figure>
  );
}

function Lines({ lines }: { lines: readonly DiffLine[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <pre class="mono diff" tabIndex={0}>
      {lines.map(({ sign, text }, at) => (
        <span key={at} class={sign === "+" ? "added" : sign === "-" ? "gone" : undefined}>
          {`${sign} ${text}`}
        </span>
      ))}
    </pre>
  );
}
