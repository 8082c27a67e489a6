/** Where a call can go: what routing says, less what cannot serve it, its own account first. */

import { badRequest, lasting, type PorticoError } from "../common/errors.ts";
import type { CallRoute } from "../protocols/client.ts";
import {
  encryptedOf,
  isOwnId,
  noConversation,
  noResponse,
  precedingOf,
  codec as responses,
} from "../protocols/responsesApi.ts";
import { WIRES } from "../protocols/wires.ts";
import type { Account } from "../providers/account.ts";
import type { Candidate } from "../routing/candidate.ts";
import { ENCRYPTED_LIMIT } from "../upstream/relay/encryptedScan.ts";
import { accountNamed, wantedAccount } from "./accountHeader.ts";
import { encryptedKey } from "./attempts/boundState.ts";
import { embeddingCandidate } from "./attempts/embeddings.ts";
import { backgroundFirst } from "./background.ts";
import type { Call } from "./call.ts";
import type { GatewayContext } from "./context.ts";
import { keeperOf, speakingAccounts } from "./conversations.ts";
import { buildsOnOurs } from "./responseStore.ts";

/** @throws PorticoError with what to do about it, where nobody can serve the request */
export function candidatesFor(
  context: GatewayContext,
  call: Call,
  { stored }: CallRoute,
): readonly Candidate[] {
  if (stored?.action === "create") return keepersOf(context, call);
  if (stored !== undefined) return ownersOf(context, stored.id, stored.object === "conversation");
  const candidates = wantedOnes(context, call).flatMap((each) => served(each, call));
  if (candidates.length === 0) throw nobody(context, call);
  const { keepsReplies, threads } = WIRES[call.protocol];
  if (!keepsReplies) {
    const thread = threads?.previous(call.json);
    return thread === undefined ? candidates : ownerFirst(candidates, context.bindings.get(thread));
  }
  const { previousResponseId, conversationId } = precedingOf(call.json);
  const builtOn = previousResponseId ?? conversationId;
  if (builtOn !== undefined && !buildsOnOurs(call.json, context.responses)) {
    if (!context.bindings.isOpen(builtOn)) {
      throw conversationId === undefined ? noResponse(builtOn) : noConversation(builtOn);
    }
    const owner = context.bindings.get(builtOn);
    const bound = candidates.filter(({ account }) => account.id === owner);
    if (bound.length > 0) return bound.map((each) => ({ ...each, bound: true }));
    if (conversationId !== undefined) return holdersOf(candidates, conversationId, owner);
  }
  return ownerFirst(candidates, encryptedOwner(context, call));
}

/** Encrypted reasoning that is asked for of other gateways, at most: the latest. */
const MOST_ENCRYPTED = 3;

/** Ids in a call by which `candidatesFor` looks for the account that made them. */
export function boundIds(call: Call, { stored }: CallRoute): readonly string[] {
  if (stored !== undefined) return stored.action === "create" ? [] : [stored.id];
  const { keepsReplies, threads } = WIRES[call.protocol];
  if (!keepsReplies) return [threads?.previous(call.json) ?? []].flat();
  const { previousResponseId, conversationId } = precedingOf(call.json);
  const builtOn = previousResponseId ?? conversationId;
  if (builtOn !== undefined) return isOwnId(builtOn) ? [] : [builtOn];
  const encrypted: string[] = [];
  for (const data of encryptedOf(call.json, ENCRYPTED_LIMIT)) {
    if (encrypted.push(encryptedKey(data)) >= MOST_ENCRYPTED) break;
  }
  return encrypted;
}

/** What routing says; of that the account which the client's header names, where it names one. */
function wantedOnes(context: GatewayContext, call: Call): readonly Candidate[] {
  const routed = context.candidates(call.model, call.protocol);
  const wanted = wantedAccount(call);
  if (wanted === undefined) return backgroundFirst(context, call, routed);
  const account = accountNamed(context.accounts(), wanted);
  const why = account === undefined ? "there is no such account" : "it is disabled";
  if (account?.enabled !== true) {
    const others = context
      .accounts()
      .filter(({ enabled }) => enabled)
      .slice(0, 20)
      .map(({ id }) => id);
    // Those that a key was given by name it knows.
    const told = context.withoutAccounts === undefined || context.client?.accounts !== undefined;
    const instead = told ? `, or name one of: ${others.join(", ")}` : "";
    throw lasting(
      "not_found",
      `The header x-portico-account names "${wanted.slice(0, 100)}": ${why}. Leave the header out${instead}.`,
    );
  }
  const own = routed.filter((each) => each.account.id === account.id);
  // Whoever names an account means it, whether or not its list has the model.
  return own.length > 0 ? own : context.candidates(`${account.id}/${call.model}`, call.protocol);
}

/** Who made the latest encrypted reasoning in a request: only that account can read it. */
function encryptedOwner(context: GatewayContext, call: Call): string | undefined {
  if (context.bindings.size === 0) return undefined;
  for (const data of encryptedOf(call.json, ENCRYPTED_LIMIT)) {
    const owner = context.bindings.get(encryptedKey(data));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** The scheduler puts what is bound first within its target. */
function ownerFirst(candidates: readonly Candidate[], owner: string | undefined): readonly Candidate[] {
  if (owner === undefined) return candidates;
  return candidates.map((each) => (each.account.id === owner ? { ...each, bound: true } : each));
}

/** Endpoints without a canonical form need an account that has them. */
function served(candidate: Candidate, call: Call): readonly Candidate[] {
  const { account, protocol } = candidate;
  if (account.provider.id === "sandbox") {
    return call.operation === "extra" || call.operation === "response-object" ? [] : [candidate];
  }
  switch (call.operation) {
    case "chat":
    case "completions":
    case "compact":
    case "count-tokens":
      return [candidate];
    case "embeddings": {
      const embeds = embeddingCandidate(candidate, call.protocol);
      return embeds === undefined ? [] : [embeds];
    }
    case "extra":
    case "response-object":
      return protocol === call.protocol ? [candidate] : [];
  }
}

/** A conversation that is not kept here can only be one of an account that has the Responses API. */
function holdersOf(
  candidates: readonly Candidate[],
  id: string,
  owner: string | undefined,
): readonly Candidate[] {
  if (owner !== undefined) {
    throw badRequest(
      `The conversation "${id.slice(0, 100)}" is kept by the account "${owner}", which does not serve this model. Use a model of that account, or start the conversation with the header x-portico-account naming an account without the Responses API: then Portico keeps it, for every model.`,
      "conversation",
    );
  }
  const holders = candidates.filter(
    ({ account, protocol }) => protocol === responses.protocol && account.provider.id !== "sandbox",
  );
  if (holders.length === 0 || isOwnId(id)) throw noConversation(id);
  return holders;
}

/** Who makes a new conversation. */
function keepersOf(context: GatewayContext, call: Call): readonly Candidate[] {
  const account = keeperOf(context, call.headers);
  if (account === undefined) throw new Error("a conversation without a keeper is made here");
  return [{ account, protocol: responses.protocol, model: "", target: 0 }];
}

/** A stored response or conversation is asked for where it was made, and nowhere else. */
function ownersOf(context: GatewayContext, id: string, conversation: boolean): readonly Candidate[] {
  const owner = context.bindings.get(id);
  const open = context.bindings.isOpen(id);
  const speaking = speakingAccounts(context);
  const account: Account | undefined =
    owner === undefined
      ? open && speaking.length === 1 && !isOwnId(id)
        ? speaking[0]
        : undefined
      : speaking.find((each) => each.id === owner);
  if (account === undefined) {
    if (conversation) throw noConversation(id);
    throw lasting("not_found", `No account here has a response "${id.slice(0, 100)}".`);
  }
  return [{ account, protocol: responses.protocol, model: "", target: 0 }];
}

function nobody(context: GatewayContext, call: Call): PorticoError {
  const own = context.accounts().filter((account) => account.enabled && account.provider.id !== "sandbox");
  if (own.length === 0) {
    return lasting(
      "unavailable",
      `No account serves "${call.model}" yet. Add one (${context.howToAdd}), or try the model "sandbox/echo".`,
    );
  }
  return lasting(
    "model_not_found",
    `No account serves "${call.model}". GET /v1/models lists what is there; a route can give the name to another model.`,
    { field: "model" },
  );
}
