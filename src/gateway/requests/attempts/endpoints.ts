/** Which endpoint of its account a candidate is asked by, for the request at hand. */
import type { Protocol } from "../../../control/protocol.ts";
import type { Features } from "../../protocols/features.ts";
import { isChat } from "../../protocols/operation.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { chooseEndpoint } from "../../routing/endpointChoice.ts";
import { TRANSLATION_ORDER } from "../../routing/route.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { candidateTraits, knownTraits } from "./modelTraits.ts";

type Context = Pick<GatewayContext, "catalog" | "models" | "pool">;

/**
 * The candidates, each with the endpoint that loses least of the request. The client's own protocol is kept, unless
 * the model is known to refuse the request there.
 * @param features of the request; `undefined` where it cannot be read, which its attempt will say
 */
export function withEndpoints(
  context: Context,
  call: Call,
  candidates: readonly Candidate[],
  features: (candidate: Candidate) => Features | undefined,
  session: string | undefined,
): readonly Candidate[] {
  if (!isChat(call.operation)) return candidates;
  return candidates.map((candidate) => {
    const { account, protocol } = candidate;
    if (account.endpoints.size < 2 || candidate.bound || account.provider.id === "sandbox") return candidate;
    const own = protocol === call.protocol;
    if (own && !mayRefuse(context, candidate)) return candidate;
    const brought = features(candidate);
    if (brought === undefined || (own && !refuses(context, candidate, brought))) return candidate;
    const { sticky } = context.pool.scheduler;
    const kept = session === undefined ? undefined : sticky.protocol(session, candidate.model, account.id);
    return (
      (own ? elsewhere(context, candidate, brought, kept) : best(context, candidate, brought, kept)) ??
      candidate
    );
  });
}

/** The account's other endpoint that loses least of the request; `undefined` where it has no other. */
export function elsewhere(
  context: Context,
  candidate: Candidate,
  features: Features,
  kept?: Protocol,
): Candidate | undefined {
  return best(context, candidate, features, kept, candidate.protocol);
}

function best(
  context: Context,
  candidate: Candidate,
  features: Features,
  kept?: Protocol,
  without?: Protocol,
): Candidate | undefined {
  const { account, model } = candidate;
  const place = { provider: account.provider.id, model };
  const endpoints = TRANSLATION_ORDER.filter(
    (protocol) => protocol !== without && account.endpoints.has(protocol),
  ).map((protocol) => {
    const known = knownTraits(context, { account, protocol, model });
    return { protocol, lost: WIRES[protocol].losses(features, place, known) };
  });
  const protocol = chooseEndpoint(endpoints, kept);
  return protocol === undefined ? undefined : { ...candidate, protocol };
}

/** Only then the request has to be read. */
function mayRefuse(context: Context, candidate: Candidate): boolean {
  if (WIRES[candidate.protocol].refusesAsIs === undefined) return false;
  const { notBy, toolsOnChat } = candidateTraits(context, candidate);
  return notBy.includes(candidate.protocol) || toolsOnChat !== "any";
}

function refuses(context: Context, candidate: Candidate, features: Features): boolean {
  const { account, model, protocol } = candidate;
  const place = { provider: account.provider.id, model };
  return WIRES[protocol].refusesAsIs?.(features, place, knownTraits(context, candidate)) === true;
}
