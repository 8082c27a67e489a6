/** Which of several accounts answers, and where small background requests go. */
import { t } from "@vscode/l10n";
import { useEffect, useState } from "preact/hooks";
import type { SettingsView, Strategy } from "../../../control/settings.ts";
import { Choice } from "../../components/Choice.tsx";
import { Checkbox, NumberField, Select } from "../../components/Field.tsx";
import { Failure } from "../../components/Message.tsx";
import { knownAccounts } from "../../state/gateway.ts";
import { boundsOf, useSetting } from "../../state/setting.ts";
import { KeptBy, Row, SettingRow } from "./setting.tsx";
import { Targets } from "./Targets.tsx";

/** Milliseconds after the last key. */
const PAUSE_MS = 400;

export function SchedulingSection({ view, names }: { view: SettingsView; names: readonly string[] }) {
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
  const strategy = useSetting("scheduling.strategy", view);
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
      {strategy.value === "cache-first" && (
        <NumberRow
          title={t("Wait rather than move")}
          name="scheduling.stickyWaitMs"
          view={view}
          unit={t("seconds")}
          scale={1000}
          hint={t("How long a conversation waits for its own account before another one answers.")}
        />
      )}
      <NumberRow
        title={t("Wait rather than refuse")}
        name="scheduling.waitMs"
        view={view}
        unit={t("seconds")}
        scale={1000}
        hint={t("How long a request waits where no account is ready but one soon will be.")}
      />
      <NumberRow
        title={t("Keep a reserve")}
        name="scheduling.protectBelowPercent"
        view={view}
        unit="%"
        step={1}
        hint={t("With less than this left, an account is kept for requests that name it. 0: no reserve.")}
      />
      <Background view={view} names={names} />
    </>
  );
}

function Pinned({ view }: { view: SettingsView }) {
  const list = knownAccounts();
  return (
    <SettingRow title={t("Pinned account")} name="scheduling.pinned" view={view}>
      {({ value, fixed, save }) => (
        <Select
          label={t("Pinned account")}
          hideLabel
          value={value}
          disabled={fixed !== undefined}
          error={value === "" ? t("Choose one; until then the strategy does nothing.") : undefined}
          options={[
            { value: "", label: t("None") },
            ...(value === "" || list.some(({ id }) => id === value)
              ? []
              : [{ value, label: t("{0} (not here)", value) }]),
            ...list.map(({ id, label }) => ({ value: id, label })),
          ]}
          onChange={(id) => void save(id)}
        />
      )}
    </SettingRow>
  );
}

/** `scale`: how many of the setting's units are one of those shown. */
function NumberRow(props: {
  title: string;
  name: "scheduling.stickyWaitMs" | "scheduling.waitMs" | "scheduling.protectBelowPercent";
  view: SettingsView;
  unit: string;
  hint: string;
  scale?: number;
  step?: number;
}) {
  const { title, name, view, unit, hint, scale = 1, step } = props;
  return (
    <SettingRow title={title} name={name} view={view}>
      {({ value, fixed, save }) => (
        <NumberField
          label={title}
          hideLabel
          value={value / scale}
          {...boundsOf(name, view, scale)}
          step={step}
          unit={unit}
          disabled={fixed !== undefined}
          hint={hint}
          onCommit={(typed) => void save(Math.round(typed * scale))}
        />
      )}
    </SettingRow>
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
