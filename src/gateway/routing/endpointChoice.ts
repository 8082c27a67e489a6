/** Which of an account's endpoints a request goes to: the one that loses least of it. */
import type { Protocol } from "../../control/protocol.ts";
import { CONTENT, type Feature } from "../protocols/features.ts";

export interface EndpointLosses {
  readonly protocol: Protocol;
  /** What of the request it cannot be told. */
  readonly lost: readonly Feature[];
}

/**
 * Content (text, media, tools) counts before parameters, these before the order of the list. A conversation stays
 * where it is unless that would now lose more content than another endpoint: changing costs the provider's prompt
 * cache and encrypted reasoning, which is more than a parameter is worth.
 * @param endpoints those that say most in general first
 * @param kept where the conversation is
 */
export function chooseEndpoint(endpoints: readonly EndpointLosses[], kept?: Protocol): Protocol | undefined {
  let best: EndpointLosses | undefined;
  for (const each of endpoints) if (best === undefined || compare(each, best) < 0) best = each;
  const own = endpoints.find(({ protocol }) => protocol === kept);
  if (own === undefined || best === undefined) return best?.protocol;
  return contentOf(own) <= contentOf(best) ? own.protocol : best.protocol;
}

const contentOf = ({ lost }: EndpointLosses): number => lost.filter((feature) => CONTENT.has(feature)).length;

function compare(a: EndpointLosses, b: EndpointLosses): number {
  return contentOf(a) - contentOf(b) || a.lost.length - b.lost.length;
}
