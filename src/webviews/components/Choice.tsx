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
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === props.value}
            onChange={() => props.onChange(value)}
          />
          <span>
            {label}
            {hint !== undefined && <span class="muted hint">{hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
