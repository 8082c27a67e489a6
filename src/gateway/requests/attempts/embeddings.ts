/** Embeddings at an account of the other shape: OpenAI's and Gemini's are translated to each other. */

import { PROTOCOLS, type Protocol } from "../../../control/protocol.ts";
import { asPorticoError } from "../../common/errors.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { BodyTooLarge, collect } from "../../upstream/flow.ts";
import { providerRequest } from "../../upstream/providerRequest.ts";
import { isEmbeddedError } from "../../upstream/relay/embeddedError.ts";
import type { AttemptResult, RelayContext } from "../../upstream/relay/result.ts";
import { NOTHING_SAID } from "../../upstream/relay/said.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { type SendOptions, send } from "./send.ts";

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
    warn: (feature, message) => {
      if (record.warnings.length < 100) record.warnings.push({ feature, message });
    },
  });
  const outgoing = providerRequest(candidate, { path: target.path(model), json: body }, key);
  const sent = await send(outgoing, candidate, options, context);
  if (sent.kind === "failed") return sent;
  try {
    const received = await collect(sent.exchange.flow, REPLY_BYTES, { begun: () => relay.reply.heard() });
    const json = parsed(received.toString("utf8"));
    if (isEmbeddedError(json, true)) {
      const { status, headers } = sent.exchange;
      return { kind: "failed", cause: { kind: "reply", status, headers, body: received } };
    }
    const reply = target.codec.decodeReply(json, { request });
    const encoded = Buffer.from(JSON.stringify(client.encodeReply(reply, { request, model: call.model })));
    relay.reply.head(200, {
      "content-type": "application/json; charset=utf-8",
      "content-length": String(encoded.length),
    });
    relay.reply.end(encoded);
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
    if (thrown instanceof BodyTooLarge) {
      return {
        kind: "failed",
        cause: { kind: "chat", error: { kind: "upstream", message: thrown.message } },
      };
    }
    if (thrown instanceof Error && thrown.name !== "PorticoError") {
      return { kind: "failed", cause: { kind: "network", error: thrown } };
    }
    const { kind, message } = asPorticoError(thrown);
    return { kind: "failed", cause: { kind: "chat", error: { kind, message } } };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 500);
  }
}
