/** A client's request for accounts of other protocols: decoded once, encoded for each of them. */

import { NO_SESSION } from "../../accounts/schedule/session.ts";
import { lasting } from "../../common/errors.ts";
import type { ModelTraits } from "../../models/traits.ts";
import type { ChatRequest, Signature, Warn } from "../../protocols/chat.ts";
import type { ReplyContext } from "../../protocols/codec.ts";
import { CODECS } from "../../protocols/codecs.ts";
import { isChat } from "../../protocols/operation.ts";
import { withoutReferences } from "../../protocols/responsesApi.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { describeEdit, editChat } from "../../routing/edit.ts";
import type { Outgoing } from "../../upstream/exchange.ts";
import { headerText } from "../../upstream/headers.ts";
import { providerRequest } from "../../upstream/providerRequest.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import type { Encoding } from "../../upstream/relay/deliver.ts";
import { ReplyWatch } from "../../upstream/relay/replyWatch.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { completed, keeping } from "../responseStore.ts";
import { encryptedKey, withoutSignatures } from "./boundState.ts";
import { formOf } from "./canonicalForm.ts";
import { roughTokens } from "./contextWindow.ts";
import { leaveOut } from "./leaveOut.ts";
import { candidateTraits, knownTraits } from "./modelTraits.ts";
import { type Conversation, conversationOf } from "./refusedReasoning.ts";
import { warnIn } from "./warnings.ts";

/** May the reply be longer than the model writes of one that does not stream? Then a stream is asked for, and gathered. */
function isCutUnstreamed({ maxOutputTokens }: ChatRequest, traits: ModelTraits): boolean {
  const { maxOutputUnstreamed: most } = traits;
  return most !== undefined && (maxOutputTokens === undefined || maxOutputTokens > most);
}

/** Characters of all warnings in the reply header. */
const WARNING_HEADER = 1000;

export class Translator {
  readonly #call: Call;
  readonly #context: GatewayContext;
  readonly #record: RequestRecord;
  readonly #reply: ClientReply;
  readonly #warn: Warn;
  /** What this request was refused for, and does without since. */
  readonly refused = new Set<string>();
  #decoded: ChatRequest | undefined;
  readonly #session: string;

  /** @param session the key of the conversation, where anything tells it */
  constructor(
    call: Call,
    context: GatewayContext,
    record: RequestRecord,
    reply: ClientReply,
    session: string | undefined,
  ) {
    this.#call = call;
    this.#context = context;
    this.#record = record;
    this.#reply = reply;
    this.#session = session ?? NO_SESSION;
    this.#warn = warnIn(record);
  }

  /**
   * The client's request, for this candidate's model.
   * @throws PorticoError `invalid_request` naming the field
   */
  request(candidate: Candidate): ChatRequest {
    const request = { ...this.#decode(), model: candidate.model };
    return candidate.edit === undefined ? request : editChat(request, candidate.edit);
  }

  /** Is there a signature in the request, without which it could be sent? */
  canStrip(candidate: Candidate): boolean {
    return withoutSignatures(this.#restored(candidate)) !== undefined;
  }

  /** @throws PorticoError `invalid_request` naming the field */
  async outgoing(candidate: Candidate, key: AccountKey | undefined, stripped: boolean): Promise<Outgoing> {
    const { account, protocol } = candidate;
    this.#record.warnings = [];
    if (candidate.edit !== undefined) this.#record.edited = describeEdit(candidate.edit);
    const provider = account.provider.id;
    const request = await this.encodable(candidate, stripped);
    const known = knownTraits(this.#context, candidate);
    const stream = request.stream || isCutUnstreamed(request, candidateTraits(this.#context, candidate));
    const encoded = CODECS[protocol].encodeRequest(
      { ...request, stream },
      {
        provider,
        ...(known === undefined ? {} : { known }),
        autoCache: this.#context.settings().translation.promptCaching,
        session: this.#session,
        warn: this.#warn,
      },
    );
    const body = leaveOut(encoded, known?.without ?? [], this.#warn);
    for (const feature of this.refused) {
      this.#warn(
        feature,
        "the provider refused it for this model; the request was sent once more without it",
      );
    }
    if (this.#record.warnings.length > 0) {
      const text = this.#record.warnings.map(({ feature, message }) => `${feature}: ${message}`).join("; ");
      const told = this.#context.withoutAccounts?.(text) ?? text;
      this.#reply.setHeader("x-portico-warnings", headerText(told.slice(0, WARNING_HEADER)));
    }
    const path = WIRES[protocol].chatPath(candidate.model, stream);
    const needs = WIRES[protocol].headersOf?.(body);
    return providerRequest(candidate, { path, json: body, stream, needs }, key);
  }

  /** The request as the candidate's codec is to encode it: signatures put back, files fetched. */
  async encodable(candidate: Candidate, stripped = false): Promise<ChatRequest> {
    let request = this.#restored(candidate);
    const turns = stripped
      ? Infinity
      : this.#context.refusedReasoning.of(this.conversation(request), candidate);
    const bare = turns > 0 ? withoutSignatures(request, turns) : undefined;
    if (bare !== undefined || stripped) {
      request = bare ?? request;
      this.#warn("reasoning", "earlier reasoning was left out: the provider cannot read it");
    }
    const target = { protocol: candidate.protocol, provider: candidate.account.provider.id };
    return await this.#context.media.inline(request, target, this.#warn, this.#reply.signal);
  }

  conversation({ messages }: ChatRequest): Conversation {
    return conversationOf(this.#session, messages, "parts");
  }

  replyContext(request: ChatRequest): ReplyContext {
    return {
      model: this.#call.model,
      now: this.#context.ports.clock.now(),
      clock: () => this.#context.ports.clock.now(),
      inputTokens: () => roughTokens(this.#call.json),
      newId: () => this.#context.newId(),
      request,
      framing: this.#call.framing,
      warn: this.#warn,
    };
  }

  /** The client's encoding; responses are kept where the client may ask for them again. */
  encoding(encoding: Encoding): Encoding {
    const keeps = this.#call.operation === "chat" && WIRES[this.#call.protocol].keepsReplies;
    return keeps ? keeping(encoding, this.#call.json, this.#context.responses) : encoding;
  }

  /** Remembers what later requests of this conversation need; `undefined` where that is nothing. */
  watch(candidate: Candidate, request: ChatRequest): ReplyWatch | undefined {
    const scope = { session: this.#session, model: candidate.model };
    const proves = WIRES[candidate.protocol].keepsReplies;
    if (request.tools.length === 0 && !proves) return undefined;
    return new ReplyWatch({
      onCall: (call, reasoning) => this.#context.signatures.keep(scope, call, reasoning),
      onSignature: (signature: Signature) => {
        if (signature.kind !== "encrypted" || !WIRES[signature.protocol].keepsReplies) return;
        this.#context.bindings.set(encryptedKey(signature.data), candidate.account.id);
      },
    });
  }

  #restored(candidate: Candidate): ChatRequest {
    const request = withoutReferences(this.request(candidate));
    return this.#context.signatures.restore({ session: this.#session, model: candidate.model }, request);
  }

  #decode(): ChatRequest {
    if (this.#decoded === undefined) {
      const form = formOf(this.#call);
      if (form === undefined) {
        throw lasting("unsupported", "No account here speaks the protocol of this endpoint.");
      }
      const call = this.#call;
      const own = isChat(call.operation) && WIRES[call.protocol].keepsReplies;
      this.#decoded = form.decode(
        own ? { ...call, json: completed(call.json, this.#context.responses) } : call,
      );
    }
    return this.#decoded;
  }
}
