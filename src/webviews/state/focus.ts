/**
 * Who works by keys loses no place: where what had the focus is taken away, moved or switched off by what
 * was pressed, the focus goes to what stands there now.
 */

/** What has focus by itself, in the order of the tabulator. */
const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';
/** Where a page goes on when nothing near is left; of one that became empty, what it offers. */
const LANDING = "main [data-landing], main .empty button";
/** Parts within which another place is near. */
const PARTS = 'section, dialog, aside, nav, header, form, [role="group"], .bar';

interface Place {
  element: HTMLElement;
  /** Of a list: where the row stood in it, and which control of the row it was. */
  row: { list: Element; index: number; control: number } | undefined;
  /** The parts around it, the innermost first, each with its number among what can have the focus there. */
  parts: { part: Element; index: number }[];
}

export function keepFocus(): void {
  let place: Place | undefined;
  /** Where it was before a dialog took it. */
  let before: Place | undefined;
  let byKeys = false;
  document.addEventListener("keydown", () => (byKeys = true), { capture: true });
  document.addEventListener("pointerdown", () => (byKeys = false), { capture: true });
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    const inDialog = target.closest("dialog") !== null;
    if (!inDialog) before = undefined;
    else if (place !== undefined && place.element.closest("dialog") === null) before ??= place;
    place = placeOf(target);
  });
  document.addEventListener("focusout", () => {
    // By what was drawn, it is gone or off before this runs; else the person left it.
    setTimeout(() => {
      if (document.activeElement === document.body && place !== undefined && isThere(place.element))
        place = undefined;
    });
  });
  const drawn = new MutationObserver(() => {
    if (place === undefined || !byKeys || !document.hasFocus()) return;
    const now = document.activeElement;
    if (now !== null && now !== document.body && isThere(now)) return;
    const lost = place.element.isConnected || before === undefined ? place : before;
    place = undefined;
    const next = successorOf(lost);
    if (next !== undefined) next.focus();
    else document.querySelector("main")?.focus({ preventScroll: true });
  });
  drawn.observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["disabled", "inert"],
  });
}

function placeOf(element: HTMLElement): Place {
  const parts: Place["parts"] = [];
  for (let part = element.closest(PARTS); part; part = part.parentElement?.closest(PARTS) ?? null) {
    parts.push({ part, index: focusableIn(part).indexOf(element) });
  }
  return { element, row: rowOf(element), parts };
}

function rowOf(element: HTMLElement): Place["row"] {
  const row = element.closest("li, tr");
  const list = row?.parentElement;
  if (row === null || list === null || list === undefined) return undefined;
  return { list, index: [...list.children].indexOf(row), control: controlsIn(row).indexOf(element) };
}

function successorOf({ element, row, parts }: Place): HTMLElement | undefined {
  if (isThere(element)) return element;
  // Switched off: what is nearest to it, which may have been moved along with it.
  for (let around = nearOf(element); around !== null; around = around.parentElement) {
    const there = focusableIn(around);
    if (there.length > 0) return there.find((each) => follows(element, each)) ?? there.at(-1);
  }
  // Its row is gone: the same in the one that took its place.
  if (row?.list.isConnected) {
    const next = row.list.children[Math.min(row.index, row.list.children.length - 1)];
    const same = next === undefined ? undefined : controlsIn(next)[row.control];
    if (same !== undefined && isThere(same)) return same;
  }
  for (const { part, index } of parts) {
    if (!part.isConnected) continue;
    const there = focusableIn(part);
    // What is gone is not counted any more: the next one has its number.
    const next = there[Math.min(Math.max(0, index), there.length - 1)];
    if (next !== undefined) return next;
  }
  return [...document.querySelectorAll<HTMLElement>(LANDING)].find((each) => each.checkVisibility());
}

/** Also those that are off, so that the same ones have the same number in each row. */
function controlsIn(row: Element): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>("a, button, input, select, textarea")];
}

function focusableIn(part: Element): HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (each) => each.checkVisibility() && each.closest("[inert]") === null,
  );
}

/** What is around it; nothing, where it is gone. */
function nearOf(element: Element): Element | null {
  return element.isConnected ? element.parentElement : null;
}

function follows(element: Element, other: Element): boolean {
  return (element.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

function isThere(element: Element): boolean {
  return element.isConnected && !element.matches(":disabled") && element.closest("[inert]") === null;
}
