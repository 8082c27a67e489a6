/** Where requests go, in order: a list of `ACCOUNT/MODEL` or `MODEL` that completes itself. */
import { t } from "@vscode/l10n";
import { Button, IconButton } from "../../components/Button.tsx";
import { NameField } from "./NameField.tsx";

export function Targets(props: {
  label: string;
  values: readonly string[];
  names: readonly string[];
  disabled?: boolean;
  onChange(values: string[]): void;
}) {
  const { values, names, onChange, disabled = false } = props;
  const replace = (at: number, value: string) => onChange(values.map((each, i) => (i === at ? value : each)));
  const move = (at: number, by: number) => onChange(moved(values, at, by));
  return (
    <div class="targets">
      <ol>
        {values.map((value, i) => (
          <li key={i} class="row">
            <span class="muted num">{i + 1}.</span>
            <span class="grow">
              <NameField
                label={t("{0}, place {1}", props.label, i + 1)}
                value={value}
                names={names}
                placeholder={t("account/model, or a model")}
                disabled={disabled}
                onInput={(typed) => replace(i, typed)}
                onMove={(by) => move(i, by)}
              />
            </span>
            <IconButton
              icon="arrow-up"
              label={t("Move {0} up", value)}
              disabled={disabled || i === 0}
              onClick={() => move(i, -1)}
            />
            <IconButton
              icon="arrow-down"
              label={t("Move {0} down", value)}
              disabled={disabled || i === values.length - 1}
              onClick={() => move(i, 1)}
            />
            <IconButton
              icon="close"
              label={t("Remove {0}", value)}
              disabled={disabled}
              onClick={() => onChange(values.filter((_, at) => at !== i))}
            />
          </li>
        ))}
      </ol>
      <Button kind="link" icon="add" disabled={disabled} onClick={() => onChange([...values, ""])}>
        {values.length === 0 ? t("Add a target") : t("Add a fallback")}
      </Button>
    </div>
  );
}

/** The same list with one entry a place further; out of bounds: as it was. */
export function moved<T>(values: readonly T[], at: number, by: number): T[] {
  const to = at + by;
  const entry = values[at];
  if (entry === undefined || to < 0 || to >= values.length) return [...values];
  const rest = values.filter((_, i) => i !== at);
  return [...rest.slice(0, to), entry, ...rest.slice(to)];
}
