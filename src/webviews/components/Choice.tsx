/** One of a few, each with a line that explains it. */
import { useId } from "preact/hooks";

export function Choice<T extends string>(props: {
  label: string;
  hideLabel?: boolean;
  value: T;
  options: readonly { value: T; label: string; hint?: string | undefined }[];
  disabled?: boolean | undefined;
  onChange(value: T): void;
}) {
  const name = useId();
  return (
    <fieldset class="choice" disabled={props.disabled ?? false}>
      <legend class={props.hideLabel ? "spoken" : undefined}>{props.label}</legend>
      {props.options.map(({ value, label, hint }) => (
        <div key={value} class="radio">
          <input
            id={`${name}-${value}`}
            type="radio"
            name={name}
            value={value}
            checked={value === props.value}
            aria-describedby={hint === undefined ? undefined : `${name}-${value}-hint`}
            onChange={() => props.onChange(value)}
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
