/** What the list is asked for: kept in the page's query, so that it can be linked and is found again. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RequestFacets } from "../../../control/requests.ts";
import { isCancelled } from "../../state/loaded.ts";
import { query, setQuery } from "../../state/route.ts";
import { call, link } from "../../transport.ts";
import { type Asked, type FilterState, filterOf, filterStateOf, queryOf, termsOf, textOf } from "./filter.ts";

/** Milliseconds without a key after which the list follows what is typed. */
const TYPING_MS = 150;
/** Milliseconds after which offers are asked for again. */
const OFFERS_MS = 30_000;

export interface UseFilterState {
  question: FilterState;
  asked: Asked;
  /** What stands in the field. */
  typed: string;
  type(text: string): void;
  change(change: Partial<FilterState>): void;
  facets: RequestFacets | undefined;
  /** Sees to it that there are offers, new ones from time to time. */
  wantFacets(): void;
}

export function useFilterState(): UseFilterState {
  const now = query.value;
  const question = useMemo(() => filterStateOf(now), [now]);
  const written = textOf(question.terms);
  const [typed, setTyped] = useState(written);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(written);
  const [facets, wantFacets] = useFacets();

  // A link, or a step back, says something else than the field.
  useEffect(() => {
    if (timer.current === undefined && textOf(termsOf(typed)) !== written) setTyped(written);
  }, [written]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const { model, client, account, key: clientKey } = question.terms;
  const named = (model ?? client ?? account ?? clientKey) !== undefined;
  const connected = link.value.kind === "connected";
  useEffect(() => {
    if (named && connected) wantFacets();
  }, [named, connected, wantFacets]);

  const change = (more: Partial<FilterState>) => {
    const pending = timer.current === undefined ? {} : { terms: termsOf(latest.current) };
    clearTimeout(timer.current);
    timer.current = undefined;
    const next = { ...filterStateOf(query.peek()), ...pending, ...more };
    setQuery(queryOf(next));
    if (more.terms !== undefined) setTyped(textOf(more.terms));
  };
  const type = (text: string) => {
    setTyped(text);
    latest.current = text;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setQuery(queryOf({ ...filterStateOf(query.peek()), terms: termsOf(text) }));
    }, TYPING_MS);
  };
  // A range up to now stays where it was until something else is asked: a row that is opened asks for nothing.
  const key = JSON.stringify(queryOf(question));
  const since = useMemo(() => Date.now(), [key]);
  const asked = useMemo(() => filterOf(question, facets, since), [key, facets]);
  return { question, asked, typed, type, change, facets, wantFacets };
}

function useFacets(): [RequestFacets | undefined, () => void] {
  const [facets, setFacets] = useState<RequestFacets>();
  const read = useRef(0);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const want = useMemo(
    () => () => {
      if (Date.now() - read.current < OFFERS_MS) return;
      read.current = Date.now();
      const controller = new AbortController();
      running.current = controller;
      call("requests.facets", undefined, { signal: controller.signal }).then(setFacets, (thrown) => {
        // Without offers the field works as well; the next focus asks again.
        if (!isCancelled(thrown)) read.current = 0;
      });
    },
    [],
  );
  return [facets, want];
}
