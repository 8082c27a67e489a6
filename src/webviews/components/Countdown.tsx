/** The time that is left until something happens. */
import { t } from "@vscode/l10n";
import { format } from "../labels.ts";
import { useNow } from "../state/clock.ts";

/** `0:41`, counting down to `until`; words may stand around it: `words={(time) => t("resets {0}", time)}`. */
export function Countdown({ until, words }: { until: number; words?: (time: string) => string }) {
  const left = until - useNow();
  const shown = left <= 0 ? t("now") : format.countdown(left);
  return (
    <time class="num" dateTime={new Date(until).toISOString()} title={format.date(until)}>
      {words === undefined ? shown : words(shown)}
    </time>
  );
}

/** How long something has been so: `2 h 14 min`. */
export function Since({ since }: { since: number }) {
  return (
    <time class="num" dateTime={new Date(since).toISOString()} title={format.date(since)}>
      {format.duration(useNow() - since)}
    </time>
  );
}

/** `3 min ago`. */
export function Ago({ time }: { time: number }) {
  const age = useNow() - time;
  return (
    <time class="num" dateTime={new Date(time).toISOString()} title={format.date(time)}>
      {age < 5000 ? t("just now") : t("{0} ago", format.age(age))}
    </time>
  );
}
