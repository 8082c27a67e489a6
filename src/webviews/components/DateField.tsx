/** A field for a day, or for a day and a time. */
import { useEffect, useRef } from "preact/hooks";

/** Says a moment when it is one; what is being typed stays the field's own. */
export function DateField(props: {
  label: string;
  type: "date" | "datetime-local";
  value: string;
  most?: string;
  onChange(text: string): void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const element = input.current;
    if (element !== null && element !== document.activeElement) element.value = props.value;
  }, [props.value]);
  return (
    <input
      ref={input}
      class="input"
      type={props.type}
      aria-label={props.label}
      max={props.most}
      onChange={({ currentTarget: { value } }) => {
        // On the way to 2026 is the year 20.
        if (!value.startsWith("0")) props.onChange(value);
      }}
    />
  );
}
