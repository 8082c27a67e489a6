/** One of a few, each with a line that explains it. */
import { useEffect, useId, useState } from "preact/hooks";
import type { Open } from "../../control/open.ts";

interface Option<T> {
  value: T;
  label: string;
  hint?: string | undefined;
}

export function Choice<T extends string>(props: {
  label: string;
  hideLabel?: boolean;
  /** One that is none of the options is shown beside them. */
  value: Open<T>;
  options: readonly Option<T>[];
  disabled?: boolean | undefined;
  onChange(value: T): void;
}) {
  const name = useId();
  // What was chosen shows at once; a caller that keeps it elsewhere is disabled until that is over.
  const [picked, setPicked] = useState<T>();
  const { value: current, disabled = false } = props;
  useEffect(() => {
    if (!disabled) setPicked(undefined);
  }, [current, disabled]);
  const shown = picked ?? current;
  const isOption = props.options.some(({ value }) => value === current);
  const options: readonly Option<T>[] = isOption
    ? props.options
    : [...props.options, { value: current as T, label: current }];
  return (
    <fieldset class="choice" disabled={disabled}>
      <legend class={props.hideLabel ? "spoken" : undefined}>{props.label}</legend>
      {options.map(({ value, label, hint }) => (
        <div key={value} class="radio">
          <input
            id={`${name}-${value}`}
            type="radio"
            name={name}
            value={value}
            checked={value === shown}
            aria-describedby={hint === undefined ? undefined : `${name}-${value}-hint`}
            onChange={() => {
              setPicked(value);
              props.onChange(value);
            }}
          />
          <div>
            <label for={`${name}-${value}`}>{label}</label>
            {hint !== undefined && (
              <p id={`${name}-${value}-hint`} class="muted hint">
                {hint}
              </p>
            )}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
