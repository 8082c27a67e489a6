/** Plain values of a settings file: looked up, compared, and looked at without ours. Pure. */
import { isRecord, valueAt } from "../common/json.ts";
import type { Path, Wanted } from "./formats/format.ts";

/** Deeply equal, whatever the order of names. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((each, index) => same(each, b[index]));
  }
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

/** Is what we want there: the value, or the item in the list? */
export function holds(value: unknown, { path, value: wanted, item, renewed }: Wanted): boolean {
  const found = valueAt(value, path);
  if (renewed) return found !== undefined;
  if (item) return Array.isArray(found) && found.some((each) => same(each, wanted));
  return same(found, wanted);
}

/** The value without what stands at these places, and without containers that are empty then. */
export function without(value: unknown, all: readonly Pick<Wanted, "path" | "value" | "item">[]): unknown {
  return all.reduce<unknown>((rest, each) => pruned(rest, each, 0), value);
}

function pruned(value: unknown, wanted: Pick<Wanted, "path" | "value" | "item">, depth: number): unknown {
  const name = wanted.path[depth];
  if (name === undefined) {
    if (!wanted.item) return undefined;
    if (!Array.isArray(value)) return value;
    const rest = value.filter((each) => !same(each, wanted.value));
    return rest.length === 0 ? undefined : rest;
  }
  if (!isRecord(value)) return value;
  const inner = Object.hasOwn(value, name) ? pruned(value[name], wanted, depth + 1) : undefined;
  const { [name]: _, ...others } = value;
  const result = inner === undefined ? others : { ...others, [name]: inner };
  return Object.keys(result).length === 0 && depth > 0 ? undefined : result;
}

/** The text at a path; `undefined` where there is none. */
export function textAt(value: unknown, path: Path): string | undefined {
  const found = valueAt(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}
