/** A field for text that offers what there is. The arrows go along the offers, Tab and Enter take one. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useReducer, useRef } from "preact/hooks";
import { useSlashKey } from "./slashKey.ts";

export interface Offer {
  /** What is shown. */
  label: string;
  /** What it is for. */
  hint?: string;
  /** The whole text, once it is taken, and where the caret then stands. */
  text: string;
  caret: number;
}

export function Combobox(props: {
  label: string;
  class: string;
  value: string;
  placeholder: string;
  problem: ComponentChildren | undefined;
  /** What there is for this text. @param all also where nothing is typed yet */
  offersFor(text: string, caret: number, all: boolean): Offer[];
  /** Another one: what there is has changed. */
  source: unknown;
  onInput(value: string): void;
  onFocus(): void;
  /** With Enter or Down where nothing is offered. */
  onLeave(): void;
}) {
  const { value, problem, offersFor } = props;
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  // Read where it is kept, not from what was drawn: two keys may come between two frames.
  const kept = useRef<{ offers: Offer[]; at: number }>({ offers: [], at: -1 });
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const show = (change: Partial<typeof kept.current>) => {
    kept.current = { ...kept.current, ...change };
    redraw(undefined);
  };
  const { offers, at } = kept.current;
  const open = offers.length > 0;
  useSlashKey(input);

  const offer = (text: string, caret: number, all = false) => {
    show({ offers: offersFor(text, caret, all), at: -1 });
  };
  // What there is came later than what was typed.
  useEffect(() => {
    const element = input.current;
    if (element !== document.activeElement || element === null || element.value === "") return;
    const chosen = kept.current.offers[kept.current.at]?.label;
    const now = offersFor(element.value, element.selectionStart ?? element.value.length, false);
    // What the arrows had gone to stays chosen.
    show({ offers: now, at: now.findIndex(({ label }) => label === chosen) });
  }, [props.source]);
  const close = () => show({ offers: [], at: -1 });
  const take = (chosen: Offer) => {
    props.onInput(chosen.text);
    const element = input.current;
    if (element !== null) {
      // Now, not with the next drawing: the caret goes by what stands there.
      element.value = chosen.text;
      element.focus();
      element.setSelectionRange(chosen.caret, chosen.caret);
    }
    offer(chosen.text, chosen.caret);
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    const { key } = event;
    const { offers, at } = kept.current;
    const open = offers.length > 0;
    const written = event.currentTarget.value;
    if (key === "Escape") {
      if (!open && written === "") return;
      event.stopPropagation();
      if (open) close();
      else props.onInput("");
    } else if (key === "ArrowDown" && !open) {
      const caret = event.currentTarget.selectionStart ?? written.length;
      const some = offersFor(written, caret, true);
      if (some.length === 0) props.onLeave();
      else {
        show({ offers: some, at: 0 });
      }
    } else if (key === "ArrowDown" && open) show({ at: (at + 1) % offers.length });
    else if (key === "ArrowUp" && open) show({ at: (at - 1 + offers.length) % offers.length });
    else if (key === "Tab" && open && at === -1 && offers.length === 1 && offers[0] !== undefined)
      take(offers[0]);
    else if (key === "Enter") {
      const chosen = offers[at];
      if (chosen !== undefined) take(chosen);
      else if (open) close();
      else props.onLeave();
    } else return;
    event.preventDefault();
  };

  return (
    <span class={props.class}>
      <input
        ref={input}
        class="input"
        type="text"
        role="combobox"
        aria-label={props.label}
        aria-keyshortcuts="/"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={at === -1 ? undefined : `${list}-${at}`}
        aria-invalid={problem === undefined ? undefined : true}
        aria-describedby={problem === undefined ? undefined : `${list}-problem`}
        placeholder={props.placeholder}
        value={value}
        spellcheck={false}
        autocomplete="off"
        onFocus={props.onFocus}
        onBlur={close}
        onInput={({ currentTarget }) => {
          props.onInput(currentTarget.value);
          offer(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label={t("Offers")} class="menu left" hidden={!open}>
        {offers.map((each, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and the keys
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys
          <div
            key={each.label}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            class="offer cut"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(each)}
          >
            {each.label}
            {each.hint !== undefined && <span class="muted"> {each.hint}</span>}
          </div>
        ))}
      </div>
      {problem !== undefined && (
        <p id={`${list}-problem`} class="filter-problem bad" role="alert">
          {problem}
        </p>
      )}
    </span>
  );
}
