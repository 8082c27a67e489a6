/** What is kept of requests, for how long, and how much room it takes. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { SettingsView, StorageView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { Problem } from "../../components/Message.tsx";
import { Section } from "../../components/Section.tsx";
import { toast } from "../../components/Toast.tsx";
import { countOf, format } from "../../labels.ts";
import { call } from "../../transport.ts";
import { CheckSetting, NumberSetting } from "./fields.tsx";

export const MIB = 1024 * 1024;

export interface StoredProps {
  view: SettingsView;
  storage: StorageView;
  /** Sizes have changed. */
  onChanged(): void;
}

export function Records({ view, storage, onChanged }: StoredProps) {
  const [clearing, setClearing] = useState(false);
  const { rows, bytes, oldest } = storage.requests;
  const off = !view.values["records.enabled"];
  return (
    <Section
      title={t("Request history")}
      aside={keptLabel(rows, bytes, oldest)}
      end={
        <Button disabled={rows === 0 && storage.damaged === undefined} onClick={() => setClearing(true)}>
          {t("Clear…")}
        </Button>
      }
    >
      <div class="stack">
        {storage.problem !== undefined && <Problem>{storage.problem}</Problem>}
        <CheckSetting
          name="records.enabled"
          view={view}
          label={t("Keep a line for each request")}
          hint={t(
            "Time, client, model, account, tokens, cost and what went wrong. No text of any conversation.",
          )}
        />
        <div class="settings-numbers">
          <NumberSetting
            name="records.maxAgeDays"
            view={view}
            label={t("Keep for")}
            unit={t("days")}
            disabled={off}
          />
          <NumberSetting
            name="records.maxRows"
            view={view}
            label={t("At most")}
            unit={t("requests")}
            disabled={off}
          />
          <NumberSetting
            name="records.maxBytes"
            view={view}
            label={t("And at most")}
            unit={t("MB")}
            scale={MIB}
            disabled={off}
          />
        </div>
        <p class="muted">{t("The oldest go first. Statistics stay.")}</p>
        {storage.damaged !== undefined && <p class="muted">{damagedLabel(storage.damaged)}</p>}
      </div>
      {clearing && (
        <ActionDialog
          title={t("Clear the request history?")}
          action={t("Clear")}
          danger
          run={async () => {
            const { removed } = await call("requests.clear", undefined, { timeoutMs: 120_000 });
            toast(countOf(removed, t("1 request removed"), t("{0} requests removed", format.count(removed))));
            onChanged();
          }}
          onClose={() => setClearing(false)}
        >
          <p>
            {countOf(
              rows,
              t("1 request is removed for good. Statistics and budgets stay."),
              t("{0} requests are removed for good. Statistics and budgets stay.", format.count(rows)),
            )}
          </p>
          {storage.damaged !== undefined && <p>{t("So are those in damaged files.")}</p>}
        </ActionDialog>
      )}
    </Section>
  );
}

function keptLabel(rows: number, bytes: number, oldest: number | undefined): string {
  if (rows === 0) return t("nothing kept yet");
  const kept = countOf(rows, t("1 request"), t("{0} requests", format.count(rows)));
  const size = `${kept} · ${format.bytes(bytes)}`;
  return oldest === undefined ? size : `${size} · ${t("since {0}", format.day(oldest))}`;
}

function damagedLabel({ files, bytes }: NonNullable<StorageView["damaged"]>): string {
  const size = format.bytes(bytes);
  return countOf(
    files,
    t("1 damaged file was set aside ({0}). It holds earlier requests; Clear deletes it too.", size),
    t(
      "{0} damaged files were set aside ({1}). They hold earlier requests; Clear deletes them too.",
      format.count(files),
      size,
    ),
  );
}

/** What could be read by someone else: off unless the person wants it. */
export function Privacy({ view, storage }: StoredProps) {
  const off = !view.values["records.bodies"];
  const { rows, bytes } = storage.bodies;
  return (
    <Section title={t("Privacy")}>
      <div class="stack">
        <CheckSetting
          name="records.bodies"
          view={view}
          label={t("Keep what requests and replies say")}
          hint={
            <>
              {t(
                "For looking closely at what a client does, and for sending a request again. Keys are blanked, pictures and files are left out; it is still the text of your conversations, on this disk.",
              )}
              {rows > 0 && ` ${t("Now {0} of {1}.", format.bytes(bytes), format.count(rows))}`}
            </>
          }
        />
        <div class="settings-numbers">
          <NumberSetting
            name="records.bodiesMaxHours"
            view={view}
            label={t("Keep for")}
            unit={t("hours")}
            disabled={off}
          />
          <NumberSetting
            name="records.bodyMaxBytes"
            view={view}
            label={t("Of each, at most")}
            unit={t("kB")}
            scale={1024}
            disabled={off}
          />
          <NumberSetting
            name="records.bodiesMaxBytes"
            view={view}
            label={t("Of all, at most")}
            unit={t("MB")}
            scale={MIB}
            disabled={off}
          />
        </div>
        <CheckSetting
          name="responses.onDisk"
          view={view}
          label={t("Keep stored responses on the disk")}
          hint={t(
            "The Responses API lets a client go on from an earlier answer. Without this, Portico forgets them when it ends.",
          )}
        />
        <CheckSetting
          name="replyHeaders"
          view={view}
          label={t("Tell clients which account answered")}
          hint={t(
            "Adds x-portico-account and x-portico-model to replies. Whoever can send requests then reads the account's label.",
          )}
        />
      </div>
    </Section>
  );
}
