/** Embeddings at an account of the other shape: OpenAI's and Gemini's are translated to each other. */

import { PROTOCOLS, type Protocol } from "../../../control/protocol.ts";
import { jsonOrText } from "../../common/json.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { BodyTooLarge, collect } from "../../upstream/flow.ts";
import { providerRequest } from "../../upstream/providerRequest.ts";
import { sendJson } from "../../upstream/relay/clientReply.ts";
import { isEmbeddedError } from "../../upstream/relay/embeddedError.ts";
import {
  type AttemptResult,
  failedReading,
  type RelayContext,
  upstreamFailure,
} from "../../upstream/relay/result.ts";
import { NOTHING_SAID } from "../../upstream/relay/said.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { type SendOptions, send } from "./send.ts";
import { warnIn } from "./warnings.ts";

/** Bytes of a reply; 2048 vectors of 3072 numbers as text are about 80 MB. */
const REPLY_BYTES = 128 * 1024 * 1024;

/** The candidate at the endpoint of its account that embeds; `undefined` where it has none. */
export function embeddingCandidate(candidate: Candidate, wanted: Protocol): Candidate | undefined {
  const others = PROTOCOLS.filter((each) => each !== wanted && WIRES[each].embedding !== undefined);
  const protocol = [wanted, ...others].find((each) => candidate.account.endpoints.has(each));
  return protocol === undefined ? undefined : { ...candidate, protocol };
}

/** @throws PorticoError `invalid_request` naming the field */
export async function embeddingAttempt(
  call: Call,
  candidate: Candidate,
  key: AccountKey | undefined,
  record: RequestRecord,
  relay: RelayContext,
  options: SendOptions,
  context: GatewayContext,
): Promise<AttemptResult> {
  const { account, protocol, model } = candidate;
  const client = WIRES[call.protocol].embedding?.codec;
  const target = WIRES[protocol].embedding;
  const endpoint = account.endpoints.get(protocol);
  if (client === undefined || target === undefined || endpoint === undefined) {
    throw new Error(`no embeddings from ${call.protocol} to ${protocol}`);
  }
  record.warnings = [];
  const request = { ...client.decodeRequest(call.json, { model: call.model }), model };
  const body = target.codec.encodeRequest(request, {
    provider: account.provider.id,
    warn: warnIn(record),
  });
  const outgoing = providerRequest(candidate, { path: target.path(model), json: body }, key);
  const sent = await send(outgoing, candidate, options, context);
  if (sent.kind === "failed") return sent;
  try {
    const received = await collect(sent.exchange.flow, REPLY_BYTES, { begun: () => relay.reply.heard() });
    const json = jsonOrText(received, 500);
    if (isEmbeddedError(json, true)) {
      const { status, headers } = sent.exchange;
      return { kind: "failed", cause: { kind: "reply", status, headers, body: received } };
    }
    const reply = target.codec.decodeReply(json, { request });
    sendJson(relay.reply, JSON.stringify(client.encodeReply(reply, { request, model: call.model })));
    const input = reply.usage?.inputTokens;
    return {
      kind: "done",
      status: 200,
      ...(input === undefined
        ? { sample: { kind: "words", ...NOTHING_SAID } }
        : {
            usage: {
              input: { total: input, uncached: input, cacheRead: 0, cacheWrite: 0 },
              output: { total: 0, reasoning: 0 },
            },
          }),
    };
  } catch (thrown) {
    return thrown instanceof BodyTooLarge ? upstreamFailure(thrown.message) : failedReading(thrown);
  }
}
