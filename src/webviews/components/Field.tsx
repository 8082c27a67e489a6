/** Fields with a label, an error and a hint. Values are the caller's; nothing is kept here. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useSlashKey } from "./slashKey.ts";

export interface FieldProps {
  label: string;
  /** Only spoken: where what is around says it to those who see. */
  hideLabel?: boolean | undefined;
  hint?: ComponentChildren;
  error?: string | undefined;
  disabled?: boolean | undefined;
}

export function Field(props: FieldProps & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={props.id} class={props.hideLabel ? "spoken" : undefined}>
        {props.label}
      </label>
      {props.children}
      {props.error !== undefined && (
        <p id={`${props.id}-error`} class="error" role="alert">
          {props.error}
        </p>
      )}
      {props.hint !== undefined && (
        <p id={`${props.id}-hint`} class="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}

/** The attributes by which what is beside a field belongs to it. */
export function described(id: string, { hint, error }: Pick<FieldProps, "hint" | "error">) {
  const ids = [error === undefined ? "" : `${id}-error`, hint === undefined ? "" : `${id}-hint`];
  return {
    "aria-describedby": ids.filter((each) => each !== "").join(" ") || undefined,
    "aria-invalid": error === undefined ? undefined : (true as const),
  };
}

export interface TextFieldProps extends FieldProps {
  value: string;
  onInput(value: string): void;
  /** With Enter, or on leaving. */
  onCommit?: ((value: string) => void) | undefined;
  onKeyDown?: ((event: KeyboardEvent) => void) | undefined;
  placeholder?: string | undefined;
  mono?: boolean | undefined;
  autofocus?: boolean | undefined;
  /** More than one line. */
  rows?: number | undefined;
  /** Id of a list that completes it. */
  list?: string | undefined;
}

export function TextField(props: TextFieldProps) {
  const id = useId();
  const { rows } = props;
  const input = useRef<(HTMLInputElement & HTMLTextAreaElement) | null>(null);
  useEffect(() => {
    if (props.autofocus) input.current?.focus();
  }, [props.autofocus]);
  const shared = {
    id,
    ref: input,
    class: props.mono ? "input mono" : "input",
    value: props.value,
    placeholder: props.placeholder,
    disabled: props.disabled,
    spellcheck: false,
    autocomplete: "off",
    onKeyDown: props.onKeyDown,
    onInput: (event: Event) => props.onInput((event.currentTarget as HTMLInputElement).value),
    ...described(id, props),
  } as const;
  return (
    <Field {...props} id={id}>
      {rows === undefined ? (
        <input
          {...shared}
          type="text"
          list={props.list}
          onChange={(event) => props.onCommit?.(event.currentTarget.value)}
        />
      ) : (
        <textarea {...shared} rows={rows} />
      )}
    </Field>
  );
}

/** Says a number only when it is one within bounds; until then shows what was typed, and why not. */
export function NumberField(
  props: FieldProps & {
    value: number | undefined;
    min?: number | undefined;
    max?: number | undefined;
    step?: number | undefined;
    unit?: string | undefined;
    /** With Enter, or on leaving. */
    onCommit(value: number): void;
  },
) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? (props.value === undefined ? "" : String(props.value));
  const wrong = typed === undefined ? undefined : numberError(typed, props.min, props.max);
  const error = wrong ?? props.error;
  return (
    <Field {...props} id={id} error={error}>
      <span class="row">
        <input
          id={id}
          class="input"
          type="number"
          value={shown}
          min={props.min}
          max={props.max}
          step={props.step ?? "any"}
          disabled={props.disabled}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onChange={(event) => {
            if (numberError(event.currentTarget.value, props.min, props.max) !== undefined) return;
            setTyped(undefined);
            props.onCommit(Number(event.currentTarget.value));
          }}
          {...described(id, { ...props, error })}
        />
        {props.unit !== undefined && <span class="unit muted">{props.unit}</span>}
      </span>
    </Field>
  );
}

/** Why this is no number within bounds. */
export function numberError(typed: string, min = -Infinity, max = Infinity): string | undefined {
  const value = Number(typed);
  if (typed.trim() === "" || !Number.isFinite(value)) return t("Enter a number.");
  if (value < min) return t("At least {0}.", min);
  if (value > max) return t("At most {0}.", max);
  return undefined;
}

export function Select<T extends string>(
  props: FieldProps & {
    value: T;
    options: readonly { value: T; label: string; disabled?: boolean }[];
    onChange(value: T): void;
  },
) {
  const id = useId();
  return (
    <Field {...props} id={id}>
      <select
        id={id}
        class="input"
        value={props.value}
        disabled={props.disabled}
        onChange={(event) => {
          const chosen = props.options.find(({ value }) => value === event.currentTarget.value);
          if (chosen !== undefined) props.onChange(chosen.value);
        }}
        {...described(id, props)}
      >
        {props.options.map(({ value, label, disabled }) => (
          <option key={value} value={value} disabled={disabled ?? false}>
            {label}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function Checkbox(props: FieldProps & { checked: boolean; onChange(checked: boolean): void }) {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
        {...described(id, props)}
      />
      <Field {...props} id={id}>
        {null}
      </Field>
    </div>
  );
}

/** Filters a list as one types. `/` goes there from anywhere on the page, Escape empties it. */
export function FilterField(props: {
  label: string;
  value: string;
  onInput(value: string): void;
  placeholder?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  useSlashKey(input);
  return (
    <span class="filter">
      <input
        ref={input}
        class="input"
        type="search"
        aria-label={props.label}
        aria-keyshortcuts="/"
        placeholder={props.placeholder ?? props.label}
        value={props.value}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || props.value === "") return;
          event.stopPropagation();
          props.onInput("");
        }}
      />
    </span>
  );
}
