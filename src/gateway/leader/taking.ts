/** Takes what a process that gave up the lead still had to tell: the other end of `handOver.ts`. */
import type { Params, Result } from "../../control/contract.ts";
import type { Gateway } from "../gateway.ts";
import { handedRecord } from "../records/handed.ts";

/** Requests that are remembered, so that one whose answer was lost is not recorded twice. */
export const REMEMBERED = 2000;

export function createTaking(
  gateway: Pick<Gateway, "take">,
): (params: Params<"requests.take">) => Result<"requests.take"> {
  const before = new Set<string>();
  return ({ records, held }) => {
    const taken = records
      .map(handedRecord)
      .filter((handed) => handed !== undefined)
      .filter(({ record }) => !before.has(record.id));
    gateway.take(taken, held);
    for (const { record } of taken) {
      before.add(record.id);
      const [oldest] = before;
      if (before.size > REMEMBERED && oldest !== undefined) before.delete(oldest);
    }
    return { taken: taken.length };
  };
}
