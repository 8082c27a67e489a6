/**
 * Secrets that a stream says piece by piece: each event has a few characters, and whoever reads the recording
 * puts them together again. So the pieces are put together here, looked at, and what is secret is taken out of
 * each of them.
 */
import { REDACTED } from "./redacted.ts";

/** Puts as many `\0` as there are characters in place of each secret. */
export type Mask = (text: string) => string;

interface Piece {
  readonly line: number;
  readonly value: string;
}

/** Pieces that are put together at most, by where they stand in their events. */
const MAX_PLACES = 500;

/** @param lines of a stream, those of `data:` among them. @returns the same, without what is secret only together */
export function redactPieces(lines: readonly string[], mask: Mask): string[] {
  const places = new Map<string, Piece[]>();
  for (const [line, text] of lines.entries()) {
    const event = eventOf(text);
    if (event === undefined) continue;
    const which = whichOf(event.json);
    eachString(event.json, which, (place, value) => {
      const pieces = places.get(place) ?? [];
      if (pieces.length === 0 && places.size >= MAX_PLACES) return;
      places.set(place, pieces);
      pieces.push({ line, value });
    });
  }
  /** Of a line: what stands at a place, without what is secret. */
  const changes = new Map<number, Map<string, string>>();
  for (const [place, pieces] of places) {
    for (const [line, value] of cleaned(pieces, mask)) {
      const ofLine = changes.get(line) ?? new Map<string, string>();
      changes.set(line, ofLine.set(place, value));
    }
  }
  return lines.map((text, line) => {
    const ofLine = changes.get(line);
    const event = ofLine === undefined ? undefined : eventOf(text);
    if (ofLine === undefined || event === undefined) return text;
    const which = whichOf(event.json);
    return event.begin + JSON.stringify(replaced(event.json, which, ofLine));
  });
}

function* cleaned(pieces: readonly Piece[], mask: Mask): Generator<[number, string]> {
  // What every event repeats, such as an id, is no text that goes on.
  if (pieces.every(({ value }) => value === pieces[0]?.value)) return;
  const masked = mask(pieces.map(({ value }) => value).join(""));
  let at = 0;
  let within = false;
  for (const { line, value } of pieces) {
    const shown = masked.slice(at, at + value.length);
    at += value.length;
    if (shown.includes("\0")) {
      // One that goes on from the piece before was said there.
      const clean = shown.replace(/\0+/g, (_run, at: number) => (within && at === 0 ? "" : REDACTED));
      yield [line, clean];
    }
    if (shown !== "") within = shown.endsWith("\0");
  }
}

interface Event {
  readonly begin: string;
  readonly json: unknown;
}

function eventOf(line: string): Event | undefined {
  const [, begin = "", text = ""] = /^(data: ?)([[{].*)$/s.exec(line) ?? [];
  if (text === "") return undefined;
  try {
    return { begin, json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Which of several texts that go on side by side an event belongs to. */
function whichOf(json: unknown): string {
  if (typeof json !== "object" || json === null) return "";
  const names = ["item_id", "output_index", "content_index", "index"];
  return names.map((name) => String(Reflect.get(json, name) ?? "")).join("/");
}

function eachString(value: unknown, place: string, tell: (place: string, value: string) => void): void {
  if (typeof value === "string") tell(place, value);
  else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) eachString(inner, `${place}.${name}`, tell);
  }
}

function replaced(value: unknown, place: string, changes: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return changes.get(place) ?? value;
  if (Array.isArray(value)) return value.map((each, index) => replaced(each, `${place}.${index}`, changes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, replaced(inner, `${place}.${name}`, changes)]),
  );
}
