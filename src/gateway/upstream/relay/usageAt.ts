/** What a whole reply that was parsed tells of its usage; `UsageScan` finds the same in bytes. */
import { isRecord } from "../../common/json.ts";
import type { Usage } from "../../protocols/chat.ts";
import { type UsageFormat, usageIn } from "../../protocols/wire.ts";

export function usageAt(format: UsageFormat, reply: unknown): Usage | undefined {
  const found: unknown[] = [];
  // A list around all of it does not count.
  for (const value of Array.isArray(reply) ? reply : [reply]) collect(value, "", format.places, found);
  return usageIn(format, ...found);
}

/** Objects at the places, in the order of the text. @param path ends with a dot where it is not empty */
function collect(value: unknown, path: string, places: readonly string[], found: unknown[]): void {
  if (Array.isArray(value)) {
    for (const element of value) collect(element, `${path}.`, places, found);
    return;
  }
  if (!isRecord(value)) return;
  for (const key in value) {
    const place = path + key;
    if (places.includes(place) && isRecord(value[key])) found.push(value[key]);
    else if (places.some((each) => each.startsWith(`${place}.`)))
      collect(value[key], `${place}.`, places, found);
  }
}
