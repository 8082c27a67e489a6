/** Buttons, with a text or with an icon alone. */
import type { ComponentChildren, Ref } from "preact";
import { Icon } from "./Icon.tsx";

export interface ButtonProps {
  children: ComponentChildren;
  /** Absent: it submits the form that it stands in. */
  onClick?(): unknown;
  /** `link` looks like one, in the midst of text; `figure` leads somewhere and looks like the text it is. */
  kind?: "primary" | "plain" | "link" | "figure" | "danger" | undefined;
  icon?: string | undefined;
  /** Under way: cannot be pressed again, and says so. */
  busy?: boolean | undefined;
  disabled?: boolean | undefined;
  title?: string | undefined;
  /** Of a switch. */
  pressed?: boolean | undefined;
  /** Where the words alone do not say what it is about. */
  label?: string | undefined;
  buttonRef?: Ref<HTMLButtonElement> | undefined;
}

const CLASSES: Readonly<Record<NonNullable<ButtonProps["kind"]>, string>> = {
  primary: "button primary",
  plain: "button",
  link: "button link",
  figure: "button link figure",
  danger: "button danger",
};

export function Button(props: ButtonProps) {
  const { children, onClick, kind = "plain", icon, busy = false, disabled = false } = props;
  return (
    <button
      ref={props.buttonRef ?? null}
      type={onClick === undefined ? "submit" : "button"}
      class={CLASSES[kind]}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      aria-pressed={props.pressed}
      aria-label={props.label}
      title={props.title}
      onClick={() => {
        if (!busy) onClick?.();
      }}
    >
      {busy ? <Icon name="loading" spin /> : icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that is only an icon; `label` is what it does. */
export function IconButton(props: {
  icon: string;
  label: string;
  onClick(): unknown;
  busy?: boolean | undefined;
  disabled?: boolean | undefined;
  pressed?: boolean | undefined;
}) {
  const { icon, label, onClick, busy = false, disabled = false } = props;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      aria-busy={busy || undefined}
      aria-pressed={props.pressed}
      disabled={disabled}
      onClick={() => {
        if (!busy) onClick();
      }}
    >
      <Icon name={busy ? "loading" : icon} spin={busy} />
    </button>
  );
}

/** One of a few, side by side. */
export function Segments<T extends string>(props: {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange(value: T): void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in a way of its own
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(({ value, label }) => (
        <Button key={value} pressed={value === props.value} onClick={() => props.onChange(value)}>
          {label}
        </Button>
      ))}
    </div>
  );
}
