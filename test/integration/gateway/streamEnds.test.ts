/**
 * Every way a stream can end, in all four protocols, passed through and translated, with a framing that
 * has an end and with one that ends with its connection: what the client reads, what is on record, who is
 * held back for it, and whether the connection is used again.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import { LINGER_MS } from "../../../src/gateway/upstream/relay/linger.ts";
import { ASKED, type Client } from "../../support/clients.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import {
  type Delimiting,
  type RawProvider,
  type RawReply,
  startRawProvider,
} from "../../support/rawStream.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import {
  askFrom,
  CUT_AT,
  dataOf,
  ERROR_EVENTS,
  errorOf,
  laneOf,
  WAYS,
  written,
} from "../../support/streamReader.ts";

const STOPPED = "Portico was stopped before this reply was complete.";

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

/** Started again after a stop, it has another. */
function port(): number {
  const { state } = portico.gateway;
  if (state.kind !== "running") throw new Error(`it is ${state.kind}`);
  return state.port;
}

const ask = (client: Client, model: string, onText?: () => void, stream?: boolean) =>
  askFrom(port(), client, model, onText, stream);

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
    let stopped: Promise<void> | undefined;
    const read = await ask(client, protocol, () => {
      if (ending === "our stop") stopped ??= portico.gateway.stop(0);
    });
    const record = await portico.recorded();
    if (stopped !== undefined) {
      await stopped;
      await portico.gateway.start();
    }
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
        ending === "our stop" ? "cut" : ending === "an error" ? "rate_limit" : "upstream",
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

describe("a stream that is told to its end", () => {
  const LAST = WAYS.filter(([, protocol]) => protocol !== "gemini");
  it.each(LAST)(
    "is over for its client, whatever the connection does: %s at %s",
    async (client, protocol) => {
      let reply: RawReply | undefined;
      provider.script = (given) => {
        reply = given;
        given.head("text/event-stream", "chunked");
        given.body(STREAMS[protocol].join(""));
      };
      const read = await ask(client, protocol);
      expect(read).toMatchObject({ clean: true });
      expect(read.text).toMatch(ASKED[client].last);
      expect(await portico.recorded()).toMatchObject({
        attempts: [{ outcome: "ok" }],
        usage: { output: { total: 5 } },
      });
      expect(portico.gateway.active).toBe(0);
      // It gets its moment, and is closed then.
      expect(reply?.socket.destroyed).toBe(false);
      const closed = new Promise((resolve) => reply?.socket.once("close", resolve));
      expect(lingering).toHaveLength(1);
      lingering[0]?.();
      await closed;
    },
  );

  it.each(LAST)(
    "has its connection used again where that ends in time: %s at %s",
    async (client, protocol) => {
      let reply: RawReply | undefined;
      provider.script = (given) => {
        reply = given;
        given.head("text/event-stream", "chunked");
        given.body(STREAMS[protocol].join(""));
      };
      await ask(client, protocol);
      await portico.recorded();
      reply?.body(": bye\n\n");
      reply?.end();
      expect(await isReused(protocol, client, protocol)).toBe(true);
      expect(lingering).toEqual([]);
    },
  );
});

describe("a server of one's own that never sends a last event", () => {
  /** Text alone, without a word on why it ended. */
  const TEXTS: Readonly<Record<Protocol, number>> = {
    "openai-chat": 2,
    "openai-responses": 7,
    anthropic: 5,
    gemini: 1,
  };

  it.each(WAYS)("gets a warning where its framing ends: %s at %s", async (client, protocol) => {
    provider.script = (reply) => {
      const array = client === "gemini-array";
      reply.head(array ? "application/json" : "text/event-stream", "chunked");
      reply.body(written(client, STREAMS[protocol].slice(0, TEXTS[protocol])) + (array ? "]" : ""));
      reply.end();
    };
    const read = await ask(client, `own-${protocol}`);
    expect(read).toMatchObject({ status: 200, clean: true });
    expect(errorOf(client, read.text)).toBeUndefined();
    const record = await portico.recorded();
    expect(record.error).toBeUndefined();
    expect(record.attempts).toMatchObject([{ outcome: "ok" }]);
    expect(record.warnings).toMatchObject([{ feature: "stream" }]);
    expect(portico.gateway.pool.health.snapshot()).toEqual([]);
  });

  it.each(WAYS)("is cut where only its connection ends, or in a call: %s at %s", async (client, protocol) => {
    for (const [count, framing] of [
      [TEXTS[protocol], "close"],
      ...(laneOf(client, protocol) === "B" && protocol !== "gemini"
        ? [[CUT_AT[protocol] - 1, "chunked"]]
        : []),
    ] as [number, Delimiting][]) {
      portico.records.length = 0;
      provider.script = (reply) => {
        const array = client === "gemini-array";
        reply.head(array ? "application/json" : "text/event-stream", framing);
        reply.body(written(client, STREAMS[protocol].slice(0, count)));
        reply.end();
      };
      const read = await ask(client, `own-${protocol}`);
      expect(errorOf(client, read.text)).toMatch(/broke off/);
      expect((await portico.recorded()).attempts).toMatchObject([{ outcome: "broken" }]);
    }
  });
});

describe("a body that does not stream, cut short", () => {
  const big = JSON.stringify({ ...REPLIES["openai-chat"], note: "x".repeat(3 * 1024 * 1024) });

  it.each([
    ["with a length", { length: big.length }],
    ["in chunks", "chunked"],
    ["up to the connection's end", "close"],
  ] as const)("of which half is out is reset: %s", async (_name, framing) => {
    provider.script = (reply) => {
      reply.head("application/json", framing);
      reply.body(big.slice(0, 2 * 1024 * 1024));
      if (framing === "chunked") reply.end();
      else reply.fin();
    };
    expect(await ask("openai-chat", "openai-chat", undefined, false)).toMatchObject({ clean: false });
    const record = await portico.recorded();
    expect(record.error).toMatchObject({ kind: "upstream", message: expect.stringContaining("broke off") });
    expect(record.attempts).toMatchObject([{ outcome: "broken" }]);
  });

  it.each(WAYS.filter(([client]) => client !== "gemini-array"))(
    "goes to the next account, or is an error, while nothing is out: %s at %s",
    async (client, protocol) => {
      const body = JSON.stringify(REPLIES[protocol]);
      for (const framing of [{ length: body.length + 100 }, "close"] as const) {
        portico.records.length = 0;
        provider.script = (reply) => {
          reply.head("application/json", framing);
          reply.body(body.slice(0, -30));
          reply.fin();
        };
        const read = await ask(client, protocol, undefined, false);
        expect(read.status).toBe(502);
        expect(JSON.parse(read.text)).toHaveProperty("error");
        expect((await portico.recorded()).attempts).toMatchObject([{ outcome: "network" }]);
        portico.gateway.pool.health.forget(protocol);
      }
    },
  );
});

it("three cut streams in a row hold an account for a few seconds", async () => {
  scriptFor(ENDINGS["a reset"], "chunked", "openai-chat", "openai-chat");
  for (let tries = 0; tries < 3; tries++) {
    expect(portico.gateway.pool.health.heldFor("openai-chat", "openai-chat")).toBeUndefined();
    await ask("openai-chat", "openai-chat");
    await portico.recorded();
    portico.records.length = 0;
  }
  expect(portico.gateway.pool.health.heldFor("openai-chat", "openai-chat")).toMatchObject({
    because: "network",
  });
});
