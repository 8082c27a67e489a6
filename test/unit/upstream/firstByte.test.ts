/** When the first byte of a reply came, where the client gets none of it before it is whole. */
import { beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { ChatRequest } from "../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import type { Exchange } from "../../../src/gateway/upstream/exchange.ts";
import type { Sink } from "../../../src/gateway/upstream/flow.ts";
import { ClientReply, type ReplyTarget } from "../../../src/gateway/upstream/relay/clientReply.ts";
import { passthrough } from "../../../src/gateway/upstream/relay/passthrough.ts";
import type { RelayContext } from "../../../src/gateway/upstream/relay/result.ts";
import { translation } from "../../../src/gateway/upstream/relay/translation.ts";
import { WRITERS } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";

const REQUEST: ChatRequest = { model: "m", messages: [], tools: [], sampling: {}, stream: false };

/** A client that takes everything. */
function target(): ReplyTarget {
  let headersSent = false;
  return {
    get headersSent() {
      return headersSent;
    },
    destroyed: false,
    writableEnded: false,
    writableFinished: false,
    setHeader: () => {},
    getHeader: () => undefined,
    hasHeader: () => false,
    removeHeader: () => {},
    writeHead: () => {
      headersSent = true;
    },
    write: () => true,
    end: () => {},
    destroy: () => {},
    on: () => {},
  };
}

describe("the first byte of a plain reply", () => {
  let time = 0;
  beforeEach(() => {
    time = 1000;
  });

  it.each(PROTOCOLS.flatMap((provider) => PROTOCOLS.map((client) => ({ client, provider }))))(
    "is timed when it comes: $client at $provider",
    async ({ client, provider }) => {
      let sink: Sink | undefined;
      const exchange: Exchange = {
        status: 200,
        headers: { "content-type": "application/json" },
        flow: {
          attach(to) {
            sink = to;
          },
          pause() {},
          resume() {},
          abort() {},
        },
      } as Exchange;
      const reply = new ClientReply(target(), () => time);
      const result = relay(client, provider, exchange, reply);
      const body = Buffer.from(JSON.stringify(WRITERS[provider](HELLO).whole));
      sink?.data(body.subarray(0, 10));
      time = 3000;
      sink?.data(body.subarray(10));
      time = 5000;
      sink?.end();
      expect(await result).toMatchObject({ kind: "done" });
      expect(reply.firstByteAt).toBe(1000);
    },
  );

  it("is that of the reply that was one", () => {
    const reply = new ClientReply(target(), () => time);
    reply.heard();
    reply.unheard();
    expect(reply.firstByteAt).toBeUndefined();
    time = 2000;
    reply.heard();
    reply.head(200, {});
    reply.write("a");
    time = 3000;
    reply.unheard();
    reply.heard();
    expect(reply.firstByteAt).toBe(2000);
  });
});

function relay(client: Protocol, provider: Protocol, exchange: Exchange, reply: ClientReply) {
  const codec = CODECS[client];
  const context = { reply, codec, requestId: "r", beat: undefined } as RelayContext;
  if (client === provider) return passthrough(exchange, "sse", context);
  return translation(
    exchange,
    {
      provider: CODECS[provider],
      request: REQUEST,
      stream: false,
      encoding: codec,
      replyContext: {
        model: "m",
        now: 0,
        newId: () => "a".repeat(24),
        request: REQUEST,
        framing: "sse",
        warn: () => {},
      },
      clock: systemClock,
    },
    context,
  );
}
