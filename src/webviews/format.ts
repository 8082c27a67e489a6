/**
 * Numbers, amounts of money and time in words that people read. Pure. Units are kept on the line of
 * their number by narrow spaces that do not break.
 */
import { t } from "@vscode/l10n";

const SPACE = "\u00a0";
const NONE = "—";

/** Intl's formatters are dear to make. */
const formats = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

export class Format {
  readonly #locale: string;

  constructor(locale: string) {
    this.#locale = locale;
  }

  /** `1,284`. */
  count(value: number): string {
    return this.#number({ maximumFractionDigits: 0 }).format(value);
  }

  /** With a minus that is as wide as a digit: `−5`. */
  signed(value: number): string {
    return this.exact(value).replace("-", "−");
  }

  /** Exact, as on hover: `8,421,337`. */
  exact(value: number): string {
    return this.#number({ maximumFractionDigits: 6 }).format(value);
  }

  /** Three digits and a unit: `812`, `61.2 k`, `8.42 M`. Below 10,000 exact. */
  amount(value: number): string {
    return this.#scaled(value, (scaled) => this.#three(scaled));
  }

  /** As `amount`, of what was set and not counted: `200 k`, `1 M`, `1.05 M`. */
  size(value: number): string {
    return this.#scaled(value, (scaled) =>
      this.#number({ maximumFractionDigits: digitsOf(scaled) }).format(scaled),
    );
  }

  /** What something costs each: `$3.00`, `$0.25`, `$0.075`. */
  price(usd: number): string {
    return `$${this.#number({ minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(usd)}`;
  }

  /** `$6.31`, `$0.021`, `<$0.001`, `$0`; undefined: no price is known. */
  money(usd: number | undefined): string {
    if (usd === undefined) return NONE;
    if (usd === 0) return "$0";
    if (usd < 0.001) return "<$0.001";
    const digits = usd < 0.9995 ? 3 : 2;
    return `$${this.#number({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(usd)}`;
  }

  /** Of 0 to 1: `72 %`, `0.8 %`, `<0.1 %`. */
  percent(share: number): string {
    const value = share * 100;
    if (value > 0 && value < 0.1)
      return `<${this.#number({ maximumFractionDigits: 1 }).format(0.1)}${SPACE}%`;
    const digits = Math.abs(value) < 9.95 && !Number.isInteger(value) ? 1 : 0;
    return `${this.#number({ maximumFractionDigits: digits }).format(value)}${SPACE}%`;
  }

  /** `<1 ms`, `12 ms`, `0.6 s`, `12 s`, `2 min 5 s`; for what was measured. */
  seconds(ms: number | undefined, digits = 1): string {
    if (ms === undefined) return NONE;
    if (ms < 94.5) return whole(t("{0} ms", ms > 0 && ms < 0.5 ? "<1" : this.count(ms)));
    const seconds = ms / 1000;
    if (seconds >= 59.5) return this.duration(Math.round(seconds) * 1000);
    const shown = seconds >= 9.95 ? 0 : digits;
    return secondsOf(
      this.#number({ minimumFractionDigits: shown, maximumFractionDigits: shown }).format(seconds),
    );
  }

  /** The same of a column: one unit below a minute, `<0.1 s`, `0.6 s`, `12.4 s`, `2 min 5 s`. */
  took(ms: number, digits = 1): string {
    if (ms >= 59_950) return this.duration(Math.round(ms / 1000) * 1000);
    const least = 10 ** -digits;
    const words = this.#number({ minimumFractionDigits: digits, maximumFractionDigits: digits });
    const few = ms > 0 && ms < least * 500;
    return secondsOf(`${few ? "<" : ""}${words.format(few ? least : ms / 1000)}`);
  }

  /** The two largest units: `45 s`, `2 h 14 min`, `3 d 4 h`. */
  duration(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds < 60) return secondsOf(seconds);
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60)
      return pair(minutesOf(minutes), secondsOf(seconds % 60), minutes < 10 && seconds % 60 > 0);
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return pair(hoursOf(hours), minutesOf(minutes % 60), minutes % 60 > 0);
    return pair(daysOf(Math.floor(hours / 24)), hoursOf(hours % 24), hours % 24 > 0);
  }

  /** Until something happens: `0:41`, `12:05`, `7 h`, `3 d`. Never negative. */
  countdown(ms: number): string {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const hours = Math.round(seconds / 3600);
    return hours < 48 ? hoursOf(hours) : daysOf(Math.round(hours / 24));
  }

  /** Since something happened: `just now` is the caller's; `5 s`, `3 min`, `2 h`, `4 d`. */
  age(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds < 60) return secondsOf(seconds);
    if (seconds < 3600) return minutesOf(Math.floor(seconds / 60));
    if (seconds < 48 * 3600) return hoursOf(Math.floor(seconds / 3600));
    return daysOf(Math.floor(seconds / 86_400));
  }

  /** `14:31:09`, as its locale has it. */
  clock(time: number): string {
    return this.#date({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, time);
  }

  /** `14:31`, with the day where it is not that of `today`. */
  moment(time: number, today: number): string {
    const short = this.#date({ hour: "2-digit", minute: "2-digit" }, time);
    if (new Date(time).toDateString() === new Date(today).toDateString()) return short;
    return `${this.day(time)} ${short}`;
  }

  /** `Nov 22`. */
  day(time: number): string {
    return this.#date({ month: "short", day: "numeric" }, time);
  }

  /** In full, as on hover. */
  date(time: number): string {
    return this.#date({ dateStyle: "medium", timeStyle: "medium" }, time);
  }

  /** `812 B`, `1.37 MB`; of 1024 each, as limits are set. */
  bytes(value: number): string {
    if (value < 1024) return `${this.count(value)}${SPACE}B`;
    for (const [unit, size] of [
      ["kB", 1024],
      ["MB", 1024 ** 2],
      ["GB", 1024 ** 3],
    ] as const) {
      const scaled = value / size;
      if (scaled < 999.5 || unit === "GB") return `${this.#three(scaled)}${SPACE}${unit}`;
    }
    return this.count(value);
  }

  #scaled(value: number, words: (scaled: number) => string): string {
    if (Math.abs(value) < 10_000) return this.count(value);
    for (const [unit, size] of [
      ["k", 1e3],
      ["M", 1e6],
      ["G", 1e9],
      ["T", 1e12],
    ] as const) {
      const scaled = value / size;
      if (Math.abs(scaled) < 999.5 || unit === "T") return `${words(scaled)}${SPACE}${unit}`;
    }
    return this.count(value);
  }

  #three(value: number): string {
    const digits = digitsOf(value);
    return this.#number({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  }

  #number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = `${this.#locale} ${options.minimumFractionDigits ?? ""} ${options.maximumFractionDigits}`;
    const format = formats.get(key) ?? new Intl.NumberFormat(this.#locale, options);
    formats.set(key, format);
    return format;
  }

  #date(options: Intl.DateTimeFormatOptions, time: number): string {
    const key = `${this.#locale} ${JSON.stringify(options)}`;
    const format = dates.get(key) ?? new Intl.DateTimeFormat(this.#locale, options);
    dates.set(key, format);
    return format.format(time);
  }
}

/** Behind the point, of three in all. */
function digitsOf(value: number): number {
  return Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
}

/** On one line. */
const whole = (words: string) => words.replaceAll(" ", SPACE);

const secondsOf = (count: number | string) => whole(t("{0} s", count));
const minutesOf = (count: number) => whole(t("{0} min", count));
const hoursOf = (count: number) => whole(t("{0} h", count));
const daysOf = (count: number) => whole(t("{0} d", count));

const pair = (large: string, small: string, both: boolean) => (both ? `${large}${SPACE}${small}` : large);
