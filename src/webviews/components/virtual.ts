/** Shows of a long list what can be seen, and a little more. Rows are all of one height. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useReducer } from "preact/hooks";

/** Browsers draw nothing beyond some 33 million pixels. */
const MAX_PIXELS = 30_000_000;
/** Rows beyond each edge, so that the next ones are there before they are seen. */
const OVERSCAN = 8;

export interface Shown {
  /** The rows drawn: indices, `last` exclusive. */
  first: number;
  last: number;
  /** Pixels. */
  top: number;
  height: number;
  /** Rows that cannot be reached by scrolling. */
  beyond: number;
  /** How many rows fit into the window. */
  perPage: number;
  scrollTo(index: number): void;
}

export function useVirtual(scroller: RefObject<HTMLElement | null>, rows: number, size: number): Shown {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const count = Math.min(rows, Math.floor(MAX_PIXELS / size));
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    scrollToFn: elementScroll<HTMLElement>,
    observeElementRect,
    observeElementOffset,
    overscan: OVERSCAN,
    onChange: () => redraw(undefined),
  };
  const virtual = useMemo(() => new Virtualizer<HTMLElement, HTMLElement>(options), []);
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  useLayoutEffect(() => virtual.measure(), [virtual, size]);
  const items = virtual.getVirtualItems();
  const [from] = items;
  return {
    first: from?.index ?? 0,
    last: (items.at(-1)?.index ?? -1) + 1,
    top: from?.start ?? 0,
    height: virtual.getTotalSize(),
    beyond: rows - count,
    perPage: Math.max(1, Math.floor((virtual.scrollRect?.height ?? size) / size) - 1),
    scrollTo: (index) => virtual.scrollToIndex(index, { align: "auto" }),
  };
}
