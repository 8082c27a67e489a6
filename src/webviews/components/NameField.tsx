/** A text that is completed from a list of names. */
import { useEffect, useId, useRef } from "preact/hooks";

/** Of completions: more are not read. */
const MOST = 40;

export function NameField(props: {
  label: string;
  showLabel?: boolean;
  value: string;
  names: readonly string[];
  placeholder?: string;
  disabled?: boolean;
  error?: string | undefined;
  autofocus?: boolean;
  onInput(value: string): void;
  /** Alt and an arrow. */
  onMove?: ((by: -1 | 1) => void) | undefined;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.autofocus) input.current?.focus();
  }, []);
  const { value, names, error } = props;
  return (
    <span class="field">
      {props.showLabel && <label for={id}>{props.label}</label>}
      <input
        ref={input}
        id={id}
        class="input mono"
        aria-label={props.showLabel ? undefined : props.label}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        list={`${id}-names`}
        value={value}
        placeholder={props.placeholder}
        disabled={props.disabled ?? false}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (!event.altKey || props.onMove === undefined) return;
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          props.onMove(event.key === "ArrowUp" ? -1 : 1);
        }}
      />
      <datalist id={`${id}-names`}>
        {completions(value, names).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {error !== undefined && (
        <span id={`${id}-error`} class="error" role="alert">
          {error}
        </span>
      )}
    </span>
  );
}

/** Those that begin so first, then those that hold it. */
export function completions(typed: string, names: readonly string[]): string[] {
  const wanted = typed.trim().toLowerCase();
  const begins: string[] = [];
  const holds: string[] = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower === wanted) continue;
    if (lower.startsWith(wanted)) begins.push(name);
    else if (lower.includes(wanted)) holds.push(name);
    if (begins.length >= MOST) break;
  }
  return [...begins, ...holds].slice(0, MOST);
}
