/** What connecting and disconnecting do to the text of one file. Pure. */
import { createHash } from "node:crypto";
import { valueAt } from "../common/json.ts";
import { type Format, pathText, Refused, type Undo, type Wanted } from "./formats/format.ts";
import { holds, same, without } from "./values.ts";

/** A value that we wrote, and what stood there. */
export interface Change extends Undo, Wanted {
  /** Of a credential that was replaced: the address that it stood beside. */
  readonly stoodBeside?: string;
}

/** One writing of a file. */
export interface Version {
  /** What we wrote, as SHA-256 in hex. */
  readonly hash: string;
  /** The file without us; absent: there was none. */
  readonly original?: string;
  readonly changes: readonly Change[];
}

export interface Undone {
  /** Absent: the file goes. */
  readonly text: string | undefined;
  /** Values that were changed since by somebody else, and stay: `env.ANTHROPIC_BASE_URL`. */
  readonly left: readonly string[];
  /** Credentials that are not put back, because another address stands there now. */
  readonly dropped: readonly string[];
  /** The writing of ours that stood there. */
  readonly undone?: Version;
}

export interface FilePlan extends Undone {
  /** To be recorded before the text is written. */
  readonly version: Version;
}

/**
 * @param text absent: there is no such file
 * @param earlier what we wrote before, the latest last: a file that is ours already is first put back
 * @throws Refused
 */
export function planConnect(
  text: string | undefined,
  format: Format,
  wanted: readonly Wanted[],
  earlier: readonly Version[] = [],
): FilePlan {
  const { text: original, ...back } = planDisconnect(text, format, earlier);
  if (wanted.length === 0) {
    const version = {
      hash: hashOf(original ?? ""),
      changes: [],
      ...(original === undefined ? {} : { original }),
    };
    return { ...back, text: original, version };
  }
  const start = original ?? "";
  const values = format.parse(start);
  let after = start;
  const changes: Change[] = [];
  for (const each of wanted) {
    const put = putInto(format, after, each, start);
    after = put.text;
    const beside = each.secret && valueAt(values, each.secret.beside);
    const stoodBeside = typeof beside === "string" ? { stoodBeside: beside } : {};
    changes.push({ ...each, ...put.undo, ...stoodBeside });
  }
  const written = format.parse(after);
  const missing = wanted.find((each) => !holds(written, each));
  if (missing !== undefined) throw new Refused(`cannot be changed at ${pathText(missing.path)}`);
  onlyOurs(values, written, wanted);
  const version = { hash: hashOf(after), changes, ...(original === undefined ? {} : { original }) };
  const ours = new Set(wanted.map(({ path }) => pathText(path)));
  // What is written anew does not stay as it is.
  return { ...back, left: back.left.filter((name) => !ours.has(name)), text: after, version };
}

/** What is wrong is said with the line of the file as it is. */
function putInto(format: Format, text: string, wanted: Wanted, start: string): ReturnType<Format["put"]> {
  try {
    return format.put(text, wanted);
  } catch (error) {
    format.put(start, wanted);
    throw error;
  }
}

/** @param versions the latest last; none: the text is nobody's but the person's */
export function planDisconnect(
  text: string | undefined,
  format: Format,
  versions: readonly Version[],
): Undone {
  if (text === undefined) return { text, left: [], dropped: [] };
  const hash = hashOf(text);
  const whole = versions.find((version) => version.hash === hash);
  if (whole !== undefined) return { text: whole.original, left: [], dropped: [], undone: whole };
  if (versions.length === 0 || versions.some(({ original }) => original === text)) {
    return { text, left: [], dropped: [] };
  }
  const values = format.parse(text);
  const ours = (version: Version) => version.changes.filter((change) => holds(values, change)).length;
  const version = versions.reduce((best, each) => (ours(each) >= ours(best) ? each : best));
  return { ...undo(text, format, version, values), undone: version };
}

function undo(text: string, format: Format, version: Version, values: unknown): Undone {
  const { changes, original } = version;
  let rest = text;
  const left: string[] = [];
  const dropped: string[] = [];
  for (const change of changes.toReversed()) {
    const { path, before } = change;
    if (!holds(values, change)) {
      const there = format.raw(rest, path);
      // A list of theirs is theirs; what was taken away needs no more than its empty containers gone.
      if (there === undefined || change.item) rest = format.remove(rest, change, change);
      const stays = change.item ? hasKin(values, change) : there !== undefined && there !== before;
      if (stays) left.push(pathText(path));
      continue;
    }
    const foreign = before !== undefined && isForeign(change, values, changes);
    if (foreign) dropped.push(pathText(path));
    rest =
      before === undefined || foreign
        ? format.remove(rest, change, foreign ? { made: 0 } : change)
        : format.replace(rest, path, before);
  }
  const result = format.parse(rest);
  onlyOurs(values, result, changes);
  const isEmpty = same(result, {}) && /^[\s{}\uFEFF]*$/.test(rest);
  if (isEmpty && (original === undefined || original.trim() === "")) rest = original ?? "";
  return { text: isEmpty && original === undefined ? undefined : rest, left: left.reverse(), dropped };
}

/** Names by which an item of a list is known, whatever else of it was changed. */
const IDENTITY = ["id", "name", "envKey"];

/** Is our item there, changed by somebody? */
function hasKin(values: unknown, { path, value }: Change): boolean {
  const list = valueAt(values, path);
  const kin = (item: unknown) =>
    IDENTITY.some((name) => {
      const own = valueAt(value, [name]);
      return own !== undefined && same(own, valueAt(item, [name]));
    });
  return Array.isArray(list) && list.some(kin);
}

/** A credential goes back only beside the address that it was for. */
function isForeign({ secret, stoodBeside }: Change, values: unknown, changes: readonly Change[]): boolean {
  if (secret === undefined) return false;
  const address = changes.find(({ path }) => same(path, secret.beside));
  // Our own address gives way to the one that was there before.
  return address === undefined
    ? valueAt(values, secret.beside) !== stoodBeside
    : !holds(values, address) && valueAt(values, secret.beside) !== stoodBeside;
}

/** Before it is written: nothing but our values differs. */
function onlyOurs(before: unknown, after: unknown, ours: readonly Wanted[]): void {
  if (!same(without(before, ours), without(after, ours))) {
    throw new Refused("cannot be changed without touching what is not Portico's");
  }
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
