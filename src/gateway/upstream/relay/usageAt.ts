/** What a whole reply that was parsed tells of its usage; `UsageScan` finds the same in bytes. */
import { isRecord } from "../../common/json.ts";
import type { Usage } from "../../protocols/chat.ts";
import { type UsageFormat, usageIn } from "../../protocols/wire.ts";

/** A place in a reply, as the keys that lead there; `""` leads to the elements of a list. */
interface Place {
  /** Is an object of counts here? */
  counts: boolean;
  readonly below: Map<string, Place>;
}

const trees = new WeakMap<UsageFormat, Place>();

export function usageAt(format: UsageFormat, reply: unknown): Usage | undefined {
  const root = treeOf(format);
  const found: unknown[] = [];
  // A list around all of it does not count.
  if (Array.isArray(reply)) for (const value of reply) collect(value, root, found);
  else collect(reply, root, found);
  return usageIn(format, ...found);
}

function treeOf(format: UsageFormat): Place {
  let root = trees.get(format);
  if (root !== undefined) return root;
  root = { counts: false, below: new Map() };
  trees.set(format, root);
  for (const path of format.places) {
    let place = root;
    for (const key of path.split(".")) {
      const below: Place = place.below.get(key) ?? { counts: false, below: new Map() };
      place.below.set(key, below);
      place = below;
    }
    place.counts = true;
  }
  return root;
}

/** Objects at the places, in the order of the text. */
function collect(value: unknown, { below }: Place, found: unknown[]): void {
  if (Array.isArray(value)) {
    const element = below.get("");
    if (element !== undefined) for (const each of value) collect(each, element, found);
    return;
  }
  if (!isRecord(value)) return;
  for (const key in value) {
    const place = below.get(key);
    if (place === undefined) continue;
    if (place.counts && isRecord(value[key])) found.push(value[key]);
    else collect(value[key], place, found);
  }
}
