/** Which of several accounts answers, and where small background requests go. */
import { t } from "@vscode/l10n";
import { useEffect, useState } from "preact/hooks";
import type { SettingsView, Strategy } from "../../../control/settings.ts";
import { Choice } from "../../components/Choice.tsx";
import { Checkbox, NumberField, Select } from "../../components/Field.tsx";
import { Failure } from "../../components/Message.tsx";
import { accounts } from "../../state/gateway.ts";
import { boundsOf, useSetting } from "../../state/setting.ts";
import { Row } from "./Row.tsx";
import { KeptBy } from "./setting.tsx";
import { Targets } from "./Targets.tsx";

/** Milliseconds after the last key. */
const PAUSE_MS = 400;

export function SchedulingSection({ view, names }: { view: SettingsView; names: readonly string[] }) {
  const strategy = useSetting("scheduling.strategy", view);
  const strategies: { value: Strategy; label: string; hint: string }[] = [
    {
      value: "cache-first",
      label: t("Cache first"),
      hint: t(
        "A conversation stays with its account, so that the provider's prompt cache goes on saving. A new one goes where the load is lightest.",
      ),
    },
    {
      value: "balanced",
      label: t("Balanced"),
      hint: t("Each request goes to the account with the most left for its load."),
    },
    {
      value: "round-robin",
      label: t("Round robin"),
      hint: t("They take turns: the one that waited longest is next."),
    },
    {
      value: "fill-first",
      label: t("Fill first"),
      hint: t("One account is used up before the next, first the one whose limit resets soonest."),
    },
    {
      value: "pinned",
      label: t("Pinned"),
      hint: t("One account answers all that it can, and no other takes its place."),
    },
  ];
  return (
    <>
      <Row title={t("Strategy")}>
        <p class="muted">
          {t(
            "How Portico chooses among accounts of the same priority. Those that wait, are used up or need you are always left out.",
          )}
        </p>
        <Choice<Strategy>
          label={t("Strategy")}
          hideLabel
          value={strategy.value}
          options={strategies}
          disabled={strategy.fixed !== undefined}
          onChange={(value) => void strategy.save(value)}
        />
        <Failure message={strategy.problem} />
        <KeptBy view={view} name="scheduling.strategy" />
      </Row>
      {strategy.value === "pinned" && <Pinned view={view} />}
      {strategy.value === "cache-first" && <StickyWait view={view} />}
      <Wait view={view} />
      <Protect view={view} />
      <Background view={view} names={names} />
    </>
  );
}

function Pinned({ view }: { view: SettingsView }) {
  const pinned = useSetting("scheduling.pinned", view);
  const list = accounts.value.kind === "ready" ? accounts.value.value : [];
  const known = list.some(({ id }) => id === pinned.value);
  return (
    <Row title={t("Pinned account")}>
      <Select
        label={t("Pinned account")}
        hideLabel
        value={pinned.value}
        disabled={pinned.fixed !== undefined}
        error={pinned.value === "" ? t("Choose one; until then the strategy does nothing.") : undefined}
        options={[
          { value: "", label: t("None") },
          ...(known || pinned.value === ""
            ? []
            : [{ value: pinned.value, label: t("{0} (not here)", pinned.value) }]),
          ...list.map(({ id, label }) => ({ value: id, label })),
        ]}
        onChange={(value) => void pinned.save(value)}
      />
      <Failure message={pinned.problem} />
      <KeptBy view={view} name="scheduling.pinned" />
    </Row>
  );
}

function StickyWait({ view }: { view: SettingsView }) {
  const wait = useSetting("scheduling.stickyWaitMs", view);
  return (
    <Row title={t("Wait rather than move")}>
      <NumberField
        label={t("Wait rather than move")}
        hideLabel
        value={wait.value / 1000}
        {...boundsOf("scheduling.stickyWaitMs", view, 1000)}
        unit={t("seconds")}
        disabled={wait.fixed !== undefined}
        hint={t("How long a conversation waits for its own account before another one answers.")}
        onCommit={(value) => void wait.save(Math.round(value * 1000))}
      />
      <Failure message={wait.problem} />
      <KeptBy view={view} name="scheduling.stickyWaitMs" />
    </Row>
  );
}

function Wait({ view }: { view: SettingsView }) {
  const wait = useSetting("scheduling.waitMs", view);
  return (
    <Row title={t("Wait rather than refuse")}>
      <NumberField
        label={t("Wait rather than refuse")}
        hideLabel
        value={wait.value / 1000}
        {...boundsOf("scheduling.waitMs", view, 1000)}
        unit={t("seconds")}
        disabled={wait.fixed !== undefined}
        hint={t("How long a request waits where no account is ready but one soon will be.")}
        onCommit={(value) => void wait.save(Math.round(value * 1000))}
      />
      <Failure message={wait.problem} />
      <KeptBy view={view} name="scheduling.waitMs" />
    </Row>
  );
}

function Protect({ view }: { view: SettingsView }) {
  const protect = useSetting("scheduling.protectBelowPercent", view);
  return (
    <Row title={t("Keep a reserve")}>
      <NumberField
        label={t("Keep a reserve")}
        hideLabel
        value={protect.value}
        {...boundsOf("scheduling.protectBelowPercent", view)}
        step={1}
        unit="%"
        disabled={protect.fixed !== undefined}
        hint={t("With less than this left, an account is kept for requests that name it. 0: no reserve.")}
        onCommit={(value) => void protect.save(Math.round(value))}
      />
      <Failure message={protect.problem} />
      <KeptBy view={view} name="scheduling.protectBelowPercent" />
    </Row>
  );
}

function Background({ view, names }: { view: SettingsView; names: readonly string[] }) {
  const enabled = useSetting("background.enabled", view);
  const to = useSetting("background.to", view);
  const [draft, setDraft] = useState<readonly string[]>();
  const shown = draft ?? to.value;
  const saved = to.value.join("\n");
  // Kept a moment after the last key; what was refused waits for the next one.
  useEffect(() => {
    if (draft === undefined || to.problem !== undefined) return;
    const whole = draft.map((each) => each.trim()).filter((each) => each !== "");
    if (whole.join("\n") === saved) return;
    const timer = setTimeout(() => void to.save(whole), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, to.problem, saved]);
  return (
    <Row title={t("Background requests")}>
      <Checkbox
        label={t("Send them to a cheaper model")}
        hint={t(
          "Titles, summaries and the like, which agents ask for by themselves while nobody waits for them.",
        )}
        checked={enabled.value}
        disabled={enabled.fixed !== undefined}
        onChange={(value) => void enabled.save(value)}
      />
      {enabled.value && (
        <Targets
          label={t("Background model")}
          values={shown}
          names={names}
          disabled={to.fixed !== undefined}
          onChange={(values) => {
            to.clear();
            setDraft(values);
          }}
        />
      )}
      {enabled.value && shown.length === 0 && (
        <p class="bad">{t("Name a model; until then they go where they would.")}</p>
      )}
      <Failure message={enabled.problem ?? to.problem} />
      <KeptBy view={view} name="background.enabled" />
    </Row>
  );
}
