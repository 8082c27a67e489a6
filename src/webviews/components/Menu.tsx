/** A button that opens a list of things to do. Arrows, Home, End, Escape; a letter goes to what begins with it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";

export type MenuItem =
  | {
      label: string;
      icon?: string;
      disabled?: boolean;
      /** Of a choice: shown with a check mark. */
      checked?: boolean;
      onSelect(): unknown;
    }
  | "line";

export function Menu(props: {
  label: string;
  /** Shown on the button; absent: only its icon. */
  text?: string | undefined;
  icon?: string | undefined;
  items: readonly MenuItem[];
  side?: "left" | "right" | undefined;
  disabled?: boolean | undefined;
  /** Stays open after a choice, as for columns to choose. */
  stays?: boolean | undefined;
}) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const items = () => [
    ...(anchor.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)') ?? []),
  ];
  const [up, setUp] = useState<boolean>();
  // Before it is seen: it opens to where there is room.
  useLayoutEffect(() => {
    if (!open) return setUp(undefined);
    const { top = 0 } = anchor.current?.getBoundingClientRect() ?? {};
    const { bottom = 0, height = 0 } =
      anchor.current?.querySelector('[role="menu"]')?.getBoundingClientRect() ?? {};
    setUp(bottom > window.innerHeight && top > height);
  }, [open]);
  // In its place, and before the next key, which is meant for it.
  useLayoutEffect(() => {
    if (up !== undefined) items()[0]?.focus();
  }, [up]);
  useEffect(() => {
    if (!open) return;
    const onOutside = (event: Event) => {
      if (!(event.target instanceof Node) || !anchor.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", onOutside);
    return () => document.removeEventListener("pointerdown", onOutside);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const all = items();
    const at = all.findIndex((each) => each.matches(":focus"));
    const to = menuTarget(
      event.key,
      at,
      all.map((each) => each.textContent ?? ""),
    );
    if (to !== undefined) all[to]?.focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") {
      setOpen(false);
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span class="menu-anchor" ref={anchor}>
      <button
        ref={button}
        type="button"
        class={props.text === undefined ? "icon-button" : "button"}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={props.label}
        title={props.label}
        disabled={props.disabled ?? false}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || open) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {(props.icon !== undefined || props.text === undefined) && <Icon name={props.icon ?? "ellipsis"} />}
        {props.text}
        {props.text !== undefined && <Icon name="chevron-down" />}
      </button>
      {open && (
        <div
          class={`menu${props.side === "left" ? " left" : ""}${up ? " up" : ""}`}
          role="menu"
          aria-label={props.label}
          onKeyDown={onKey}
        >
          {props.items.map((item, i) =>
            item === "line" ? (
              <hr key={i} />
            ) : (
              <button
                key={item.label}
                type="button"
                {...roleOf(item.checked)}
                tabIndex={-1}
                disabled={item.disabled ?? false}
                onClick={() => {
                  if (!props.stays) close();
                  item.onSelect();
                }}
              >
                {item.checked !== undefined && <Icon name={item.checked ? "check" : "blank"} />}
                {item.icon !== undefined && <Icon name={item.icon} />}
                {item.label}
              </button>
            ),
          )}
        </div>
      )}
    </span>
  );
}

function roleOf(checked: boolean | undefined) {
  return checked === undefined
    ? ({ role: "menuitem" } as const)
    : ({ role: "menuitemcheckbox", "aria-checked": checked } as const);
}

/** Which item a key goes to from `at`; undefined: it is no such key. */
export function menuTarget(key: string, at: number, labels: readonly string[]): number | undefined {
  const count = labels.length;
  if (count === 0) return undefined;
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return undefined;
  const letter = key.toLocaleLowerCase();
  for (let i = 1; i <= count; i += 1) {
    const next = (at + i) % count;
    if (labels[next]?.trim().toLocaleLowerCase().startsWith(letter)) return next;
  }
  return undefined;
}
