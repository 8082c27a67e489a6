/** Where requests go, in order: a list of `ACCOUNT/MODEL` or `MODEL` that completes itself. */
import { t } from "@vscode/l10n";
import { useRef } from "preact/hooks";
import { Button, IconButton } from "../../components/Button.tsx";
import { useDragging } from "../../components/DragHandle.tsx";
import { NameField } from "../../components/NameField.tsx";

let nextKey = 1;

export function Targets(props: {
  label: string;
  values: readonly string[];
  names: readonly string[];
  disabled?: boolean;
  onChange(values: string[]): void;
}) {
  const { values, names, onChange, disabled = false } = props;
  const list = useRef<HTMLOListElement>(null);
  // They stay with their rows, so that the focus goes along.
  const keys = useRef<number[]>([]);
  while (keys.current.length < values.length) keys.current.push(nextKey++);
  keys.current.length = values.length;
  const replace = (at: number, value: string) => onChange(values.map((each, i) => (i === at ? value : each)));
  const move = (from: number, to: number) => {
    keys.current = moved(keys.current, from, to);
    onChange(moved(values, from, to));
  };
  const remove = (gone: number) => {
    keys.current = keys.current.filter((_, at) => at !== gone);
    onChange(values.filter((_, at) => at !== gone));
  };
  const dragging = useDragging(list, move);
  return (
    <div class="targets">
      <ol ref={list}>
        {values.map((value, i) => (
          <li key={keys.current[i]} class={`row${dragging.classOf(i)}`}>
            {values.length > 1 && !disabled && dragging.grip(i)}
            <span class="muted num">{i + 1}.</span>
            <span class="grow">
              <NameField
                label={t("{0}, place {1}", props.label, i + 1)}
                hideLabel
                value={value}
                names={names}
                placeholder={t("account/model, or a model")}
                disabled={disabled}
                onInput={(typed) => replace(i, typed)}
                onMove={(by) => move(i, i + by)}
              />
            </span>
            <IconButton
              icon="arrow-up"
              label={t("Move {0} up", value)}
              disabled={disabled || i === 0}
              onClick={() => move(i, i - 1)}
            />
            <IconButton
              icon="arrow-down"
              label={t("Move {0} down", value)}
              disabled={disabled || i === values.length - 1}
              onClick={() => move(i, i + 1)}
            />
            <IconButton
              icon="close"
              label={t("Remove {0}", value)}
              disabled={disabled}
              onClick={() => remove(i)}
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

/** The same list with one entry at another place; out of bounds: as it was. */
export function moved<T>(values: readonly T[], from: number, to: number): T[] {
  const entry = values[from];
  if (entry === undefined || to < 0 || to >= values.length) return [...values];
  const rest = values.filter((_, i) => i !== from);
  return [...rest.slice(0, to), entry, ...rest.slice(to)];
}
