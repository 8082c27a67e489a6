/**
 * A field for a key, a token, a passphrase. What is typed is in the browser's own field and nowhere else:
 * not in the page's state, not in an attribute. Read it through `field` when it is needed.
 */
import { useEffect, useId } from "preact/hooks";
import { described, Field, type FieldProps } from "./Field.tsx";

export type SecretInput = { current: (HTMLInputElement & HTMLTextAreaElement) | null };

export function SecretField(
  props: FieldProps & {
    field: SecretInput;
    placeholder?: string | undefined;
    /** More than one line. */
    rows?: number | undefined;
    autofocus?: boolean | undefined;
    /** It was changed: what was said of it before may be wrong. */
    onInput?: (() => void) | undefined;
  },
) {
  const { field, rows } = props;
  const id = useId();
  useEffect(() => {
    if (props.autofocus) field.current?.focus();
    const input = field.current;
    // What the browser may keep of a field that is gone holds nothing.
    return () => {
      if (input !== null) input.value = "";
    };
  }, []);
  const shared = {
    id,
    ref: field,
    class: "input mono",
    placeholder: props.placeholder,
    spellcheck: false,
    autocomplete: rows === undefined ? "new-password" : "off",
    onInput: () => props.onInput?.(),
    ...described(id, props),
  } as const;
  return (
    <Field {...props} id={id}>
      {rows === undefined ? <input {...shared} type="password" /> : <textarea {...shared} rows={rows} />}
    </Field>
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
