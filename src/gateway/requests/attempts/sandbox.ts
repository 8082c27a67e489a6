/** What the sandbox answers where no chat is asked for: token counts and embeddings. */
import { createHash } from "node:crypto";
import { lasting, PorticoError } from "../../common/errors.ts";
import { WIRES } from "../../protocols/wires.ts";
import { noSandboxModel, sandboxModel } from "../../sandbox/models.ts";
import { countRequest, countText } from "../../sandbox/tokens.ts";
import { sendJson } from "../../upstream/relay/clientReply.ts";
import type { AttemptResult, RelayContext } from "../../upstream/relay/result.ts";
import type { Call } from "../call.ts";

/** Length of the sandbox's vectors, unless the client asks for another. */
const DIMENSIONS = 64;
const MAX_DIMENSIONS = 4096;

/** @throws PorticoError `invalid_request` naming the field; `unsupported` for what it cannot do */
export function sandboxReply(call: Call, model: string, relay: Pick<RelayContext, "reply">): AttemptResult {
  if (sandboxModel(model) === undefined) {
    throw lasting("model_not_found", noSandboxModel(model));
  }
  sendJson(relay.reply, JSON.stringify(call.operation === "embeddings" ? embeddings(call) : tokens(call)));
  return { kind: "done", status: 200 };
}

function tokens({ protocol, json, model, operation }: Call): unknown {
  if (operation !== "count-tokens")
    throw new PorticoError("unsupported", "The sandbox only chats, counts and embeds.");
  const { counting } = WIRES[protocol];
  if (counting === undefined)
    throw new PorticoError("unsupported", "Chat completions have no endpoint that counts tokens.");
  return counting.encodeReply(countRequest(counting.decode(json, { model, stream: false })));
}

function embeddings({ protocol, json, model }: Call): unknown {
  const codec = WIRES[protocol].embedding?.codec;
  if (codec === undefined) throw new PorticoError("unsupported", "This protocol has no embeddings.");
  const request = codec.decodeRequest(json, { model });
  const length = Math.min(request.dimensions ?? DIMENSIONS, MAX_DIMENSIONS);
  const texts = request.inputs.map((input) => (typeof input === "string" ? input : input.join(" ")));
  const reply = {
    model,
    vectors: texts.map((text) => vectorOf(text, length)),
    usage: { inputTokens: texts.reduce((sum, text) => sum + countText(text), 0) },
  };
  return codec.encodeReply(reply, { request, model });
}

/** A unit vector that depends on the text alone. */
function vectorOf(text: string, length: number): number[] {
  const values: number[] = [];
  for (let block = 0; values.length < length; block++) {
    const digest = createHash("sha256").update(`${block}\n${text}`).digest();
    for (let at = 0; at < digest.length && values.length < length; at += 2) {
      values.push(digest.readInt16LE(at) / 32_768);
    }
  }
  const norm = Math.hypot(...values) || 1;
  return values.map((value) => value / norm);
}
