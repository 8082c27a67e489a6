/** Each page is found again where it was left. */
import { useEffect } from "preact/hooks";
import { remembered } from "./memory.ts";
import { query } from "./route.ts";

const places = remembered<Record<string, number>>("scroll", {}, isPlaces);

/** Keys of a query that name a part of the page. */
const LEADS = ["part", "section"];

/** @param ready the page has something to scroll */
export function useKeptScroll(name: string, ready: boolean): void {
  useEffect(() => {
    if (!ready) return;
    // A link to a part of the page goes there.
    const wanted = LEADS.some((name) => name in query.peek()) ? 0 : (places.peek()[name] ?? 0);
    // What the page shows comes a little later; until the person scrolls, go on trying.
    const observer = new ResizeObserver(() => window.scrollTo(0, wanted));
    if (wanted > 0) observer.observe(document.body);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = new AbortController();
    const give = () => observer.disconnect();
    const onScroll = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        places.value = { ...places.peek(), [name]: Math.round(window.scrollY) };
      }, 200);
    };
    const passive = { signal: stop.signal, passive: true };
    for (const event of ["wheel", "keydown", "pointerdown"]) window.addEventListener(event, give, passive);
    window.addEventListener("scroll", onScroll, passive);
    return () => {
      give();
      clearTimeout(timer);
      stop.abort();
    };
  }, [name, ready]);
}

function isPlaces(value: unknown): value is Record<string, number> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((each) => typeof each === "number")
  );
}
