/**
 * Every way a stream can end, in all four protocols, passed through and translated, with a framing that
 * has an end and with one that ends with its connection: what the client reads, what is on record, who is
 * held back for it, and whether the connection is used again.
 */
import http from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PorticoError } from "../../../src/gateway/errors.ts";
import { type Clock, systemClock } from "../../../src/gateway/ports.ts";
import { PROTOCOLS, type Protocol } from "../../../src/gateway/protocols/protocol.ts";
import { LINGER_MS } from "../../../src/gateway/upstream/linger.ts";
import { ASKED, type Client } from "../../support/clients.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import {
  type Delimiting,
  type RawProvider,
  type RawReply,
  startRawProvider,
} from "../../support/rawStream.ts";
import { RATE_LIMITS, REPLIES, STREAMS } from "../../support/replies.ts";

const STOPPED = "Portico was stopped before the reply was complete.";

let provider: RawProvider;
let portico: TestGateway;
/** Connections whose reply is over, and which are given a moment. */
const lingering: (() => void)[] = [];

const VENDORS = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  anthropic: "anthropic",
  gemini: "gemini",
} as const;

beforeAll(async () => {
  provider = await startRawProvider();
  const clock: Clock = {
    ...systemClock,
    setTimeout(run, ms) {
      if (ms !== LINGER_MS) return systemClock.setTimeout(run, ms);
      lingering.push(run);
      return { cancel: () => void lingering.splice(lingering.indexOf(run), 1) };
    },
  };
  const account = (id: string, vendor: string, protocol: Protocol) => ({
    id,
    provider: vendor as "custom",
    endpoints: { [protocol]: protocol.startsWith("openai") ? `${provider.url}/v1` : provider.url },
    credentials: { apiKey: "k" },
    models: [id],
  });
  portico = await startGateway(
    {
      accounts: PROTOCOLS.flatMap((protocol) => [
        account(protocol, VENDORS[protocol], protocol),
        account(`own-${protocol}`, "custom", protocol),
      ]),
    },
    { clock },
  );
  // While lists of models are read, requests go out on other connections than later ones.
  await portico.gateway.models();
});
afterAll(async () => {
  await portico.stop();
  await provider.close();
});
beforeEach(() => {
  provider.asked.length = 0;
  portico.records.length = 0;
  lingering.length = 0;
  for (const { id } of portico.gateway.accounts) portico.gateway.pool.health.forget(id);
});

interface Read {
  readonly status: number;
  readonly text: string;
  /** Was the end of the body told? */
  readonly clean: boolean;
}

/** Asks for a stream. @param onText is called with what has come so far */
function ask(client: Client, model: string, onText = (_text: string) => {}, stream = true): Promise<Read> {
  const { path, body } = ASKED[client];
  const named = path.replace("/m:", `/${model}:`);
  const asked: Record<string, unknown> = "model" in body ? { ...body, model, stream } : { ...body };
  if (!stream) delete asked.stream_options;
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        port: portico.port,
        host: "127.0.0.1",
        path: stream ? named : named.replace("streamGenerateContent?alt=sse", "generateContent"),
        method: "POST",
        headers: { "content-type": "application/json" },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (piece: string) => {
          text += piece;
          onText(text);
        });
        const read = () => resolve({ status: reply.statusCode ?? 0, text, clean: reply.complete });
        reply.on("error", () => {});
        reply.on("close", read);
      },
    );
    request.on("error", reject);
    request.end(JSON.stringify(asked));
  });
}

/** What a client reads as data, one event or element after the other. Throws where one is not whole. */
function dataOf(client: Client, text: string): unknown[] {
  if (client === "gemini-array") return JSON.parse(text) as unknown[];
  expect(text).toMatch(/(?:\n\n|\r\n\r\n)$/);
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => (/\[DONE\]$/.test(line) ? "[DONE]" : JSON.parse(line.slice(5))));
}

/** The words of the error that a stream ends in. */
function errorOf(client: Client, text: string): string | undefined {
  const last = Object(dataOf(client, text).at(-1)) as {
    type?: string;
    error?: { message: string };
    response?: { error?: { message: string } | null };
  };
  if (client === "openai-responses") return last.response?.error?.message;
  return last.error?.message;
}

const elementOf = (event: string) => event.replace(/^data: /, "").trim();

/** Events as they stand in a body. */
function written(client: Client, events: readonly string[], from = 0): string {
  if (client !== "gemini-array") return events.join("");
  return events.map((event, at) => `${from + at === 0 ? "[" : ",\r\n"}${elementOf(event)}`).join("");
}

/** Events that a reply begins with, and the one that is torn. None says why the reply ends. */
const CUT_AT: Readonly<Record<Protocol, number>> = {
  "openai-chat": 5,
  "openai-responses": 10,
  anthropic: 8,
  gemini: 1,
};

const ERROR_EVENTS: Readonly<Record<Protocol, string>> = {
  "openai-chat": `data: ${JSON.stringify(RATE_LIMITS["openai-chat"])}\n\n`,
  "openai-responses": `event: response.failed\ndata: ${JSON.stringify({
    type: "response.failed",
    response: {
      id: "resp_abc",
      status: "failed",
      output: [],
      error: { code: "rate_limit_exceeded", message: "Rate limit reached" },
    },
  })}\n\n`,
  anthropic: `event: error\ndata: ${JSON.stringify(RATE_LIMITS.anthropic)}\n\n`,
  gemini: `data: ${JSON.stringify(RATE_LIMITS.gemini)}\n\n`,
};

/** What the provider does behind the head. `array`: it sends one JSON array. */
type Ending = (reply: RawReply, told: Told) => void;
interface Told {
  readonly begun: string;
  readonly half: string;
  readonly rest: string;
  readonly error: string;
}

const ENDINGS = {
  "the whole reply": (reply, { begun, rest }) => {
    reply.body(begun);
    reply.body(rest);
    reply.end();
  },
  "the whole reply, and a reset": (reply, { begun, rest }) => {
    reply.body(begun + rest);
    reply.reset();
  },
  "the end of the framing": (reply, { begun }) => {
    reply.body(begun);
    reply.end();
  },
  "the end of the connection": (reply, { begun }) => {
    reply.body(begun);
    reply.fin();
  },
  "a reset": (reply, { begun }) => {
    reply.body(begun);
    reply.reset();
  },
  "half an event": (reply, { begun, half }) => {
    reply.body(begun + half);
    reply.end();
  },
  "half an event, and the end of the connection": (reply, { begun, half }) => {
    reply.body(begun + half);
    reply.fin();
  },
  "half an event, and a reset": (reply, { begun, half }) => {
    reply.body(begun);
    reply.body(half);
    reply.reset();
  },
  "an error": (reply, { begun, error }) => {
    reply.body(begun + error);
    reply.end();
  },
  "our stop": (reply, { begun, half }) => {
    reply.body(begun + half);
  },
} satisfies Readonly<Record<string, Ending>>;
type EndingName = keyof typeof ENDINGS;

/** Who asks whom: each provider in its own protocol and in another, each client in both ways. */
const WAYS: readonly (readonly [Client, Protocol])[] = [
  ["openai-chat", "openai-chat"],
  ["openai-responses", "openai-responses"],
  ["anthropic", "anthropic"],
  ["gemini", "gemini"],
  ["gemini-array", "gemini"],
  ["openai-chat", "openai-responses"],
  ["openai-responses", "anthropic"],
  ["anthropic", "gemini"],
  ["gemini", "openai-chat"],
];
const laneOf = (client: Client, protocol: Protocol) => (client.startsWith(protocol) ? "A" : "B");

const CASES = (Object.keys(ENDINGS) as EndingName[]).flatMap((ending) =>
  (["chunked", "close"] as const).flatMap((framing) =>
    WAYS.map(([client, protocol]) => ({ ending, framing, client, protocol, lane: laneOf(client, protocol) })),
  ),
);

function scriptFor(ending: Ending, framing: Delimiting, client: Client, protocol: Protocol) {
  const array = client === "gemini-array";
  const events = STREAMS[protocol];
  const at = CUT_AT[protocol];
  const whole = written(client, events.slice(at), at);
  // Short of the brace with which its JSON ends.
  const half = written(client, events.slice(at, at + 1), at)
    .trimEnd()
    .slice(0, -20);
  const begun = written(client, events.slice(0, at));
  const told: Told = {
    begun,
    half,
    rest: array ? `${whole}\n]` : whole,
    error: array ? `${written(client, [ERROR_EVENTS[protocol]], at)}]` : ERROR_EVENTS[protocol],
  };
  provider.script = (reply) => {
    reply.head(array ? "application/json" : "text/event-stream", framing);
    ending(reply, told);
  };
  return told;
}

/** Does the next request come on the connection of the first? */
async function isReused(model: string, client: Client, protocol: Protocol): Promise<boolean> {
  const [first] = provider.asked;
  provider.script = (reply) => {
    reply.head("application/json", { length: Buffer.byteLength(JSON.stringify(REPLIES[protocol])) });
    reply.body(JSON.stringify(REPLIES[protocol]));
  };
  for (let tries = 0; tries < 20 && first?.destroyed === false; tries++) {
    await ask(client === "gemini-array" ? "gemini" : client, model, undefined, false);
    if (provider.asked.at(-1) === first) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

describe("a stream that ends with", () => {
  it.each(CASES)("$ending ($framing; $lane: $client at $protocol)", async (each) => {
    const { ending, framing, client, protocol, lane } = each;
    const told = scriptFor(ENDINGS[ending], framing, client, protocol);
    let stopped = false;
    const read = await ask(client, protocol, () => {
      if (ending !== "our stop" || stopped) return;
      stopped = true;
      portico.gateway.cut(new PorticoError("unavailable", STOPPED));
    });
    const record = await portico.recorded();
    expect(read).toMatchObject({ status: 200, clean: true });
    expect(record).toMatchObject({ lane, status: 200, account: protocol });
    const whole = ending.startsWith("the whole");
    if (whole) {
      expect(errorOf(client, read.text)).toBeUndefined();
      if (lane === "A") expect(read.text).toBe(told.begun + told.rest);
      else expect(read.text).toMatch(ASKED[client].last);
      expect(record.error).toBeUndefined();
      expect(record.usage).toMatchObject({ input: { total: 10 }, output: { total: 5 } });
      expect(record.usage?.estimated).toBeUndefined();
    } else {
      const words = ending === "our stop" ? STOPPED : ending === "an error" ? /Rate limit/ : /broke off/;
      expect(errorOf(client, read.text)).toMatch(words);
      if (lane === "A" && ending === "an error") expect(read.text).toBe(told.begun + told.error);
      else if (lane === "A") {
        // What came whole, and nothing of what did not.
        const behind = client === "gemini-array" ? ",\r\n" : "\n\n";
        expect(read.text.startsWith(told.begun + behind)).toBe(true);
        expect(
          dataOf(client, read.text.slice(0, told.begun.length) + (behind === "\n\n" ? "" : "]")),
        ).toHaveLength(CUT_AT[protocol]);
      }
      expect(read.text).not.toMatch(ASKED[client].last);
    }
    const outcome = whole ? "ok" : ending === "our stop" ? "cut" : "broken";
    expect(record.attempts).toMatchObject([{ account: protocol, outcome }]);
    if (!whole)
      expect(record.error?.kind).toBe(
        ending === "our stop" ? "unavailable" : ending === "an error" ? "rate_limit" : "upstream",
      );
    expect(record.warnings).toEqual([]);

    const held = portico.gateway.pool.health.snapshot().map(({ because }) => because);
    expect(held).toEqual(
      whole || ending === "our stop" ? [] : [ending === "an error" ? "rate-limit" : "network"],
    );
    const ends =
      ending === "the whole reply" ||
      ending === "the end of the framing" ||
      ending === "half an event" ||
      ending === "an error";
    portico.gateway.pool.health.forget(protocol);
    expect(await isReused(protocol, client, protocol)).toBe(framing === "chunked" && ends);
  });
});
