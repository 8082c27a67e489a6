/** Which time the list is of. */
import { t } from "@vscode/l10n";
import { DateField } from "../../components/DateField.tsx";
import { Select } from "../../components/Field.tsx";
import { writeDay, writeMoment } from "../../days.ts";
import { readMoment, switched, type TimeChoice, type TimeKind } from "./timeChoice.ts";

export function TimeRange({ choice, onChange }: { choice: TimeChoice; onChange(choice: TimeChoice): void }) {
  const kinds: Record<TimeKind, string> = {
    any: t("Any time"),
    hour: t("Last hour"),
    today: t("Today"),
    day: t("A day"),
    custom: t("From … to …"),
  };
  // While a field is being typed in it may be empty: the fields stay.
  const move = (end: "from" | "to", text: string) => {
    if (choice.kind !== "custom") return;
    const next = moved(choice, end, readMoment(text));
    if (next.from !== undefined || next.to !== undefined) onChange(next);
  };
  return (
    <span class="row time-range">
      <Select
        label={t("Time")}
        hideLabel
        value={choice.kind}
        options={(Object.keys(kinds) as TimeKind[]).map((value) => ({ value, label: kinds[value] }))}
        onChange={(kind) => onChange(switched(choice, kind, Date.now()))}
      />
      {choice.kind === "day" && (
        <DateField
          label={t("Day")}
          type="date"
          value={choice.day}
          most={writeDay(Date.now())}
          onChange={(day) => day !== "" && onChange({ kind: "day", day })}
        />
      )}
      {choice.kind === "custom" && (
        <>
          <DateField
            label={t("From")}
            type="datetime-local"
            value={choice.from === undefined ? "" : writeMoment(choice.from)}
            onChange={(text) => move("from", text)}
          />
          <DateField
            label={t("To")}
            type="datetime-local"
            value={choice.to === undefined ? "" : writeMoment(choice.to)}
            onChange={(text) => move("to", text)}
          />
        </>
      )}
    </span>
  );
}

function moved(
  { from, to }: Extract<TimeChoice, { kind: "custom" }>,
  end: "from" | "to",
  at: number | undefined,
): Extract<TimeChoice, { kind: "custom" }> {
  const ends = { from, to, [end]: at };
  return {
    kind: "custom",
    ...(ends.from === undefined ? {} : { from: ends.from }),
    ...(ends.to === undefined ? {} : { to: ends.to }),
  };
}
