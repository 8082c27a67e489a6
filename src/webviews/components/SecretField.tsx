/**
 * A field for a key, a token, a passphrase. What is typed is in the browser's own field and nowhere else:
 * not in the page's state, not in an attribute. Read it through `field` when it is needed.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";

export type SecretInput = { current: (HTMLInputElement & HTMLTextAreaElement) | null };

export function SecretField(props: {
  field: SecretInput;
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  placeholder?: string | undefined;
  /** More than one line. */
  rows?: number | undefined;
  autofocus?: boolean | undefined;
  /** It was changed: what was said of it before may be wrong. */
  onInput?: (() => void) | undefined;
}) {
  const { field, label, hint, error, placeholder, rows } = props;
  const id = useId();
  useEffect(() => {
    if (props.autofocus) field.current?.focus();
    const input = field.current;
    // What the browser may keep of a field that is gone holds nothing.
    return () => {
      if (input !== null) input.value = "";
    };
  }, []);
  const described = [error === undefined ? "" : `${id}-error`, hint === undefined ? "" : `${id}-hint`];
  const shared = {
    id,
    ref: field,
    class: "input mono",
    placeholder,
    spellcheck: false,
    autocomplete: rows === undefined ? "new-password" : "off",
    "aria-describedby": described.join(" ").trim() || undefined,
    "aria-invalid": error === undefined ? undefined : (true as const),
    onInput: () => props.onInput?.(),
  } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows === undefined ? <input {...shared} type="password" /> : <textarea {...shared} rows={rows} />}
      {error !== undefined && (
        <p id={`${id}-error`} class="error" role="alert">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** What is in the field now, without the white space around it that comes with a copy. */
export function secretOf(field: SecretInput): string {
  return wholeOf(field).trim();
}

/** The same to the letter: in a passphrase every space counts. */
export function wholeOf(field: SecretInput): string {
  return field.current?.value ?? "";
}
