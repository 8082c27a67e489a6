/** One gateway before four scripted providers, each as strict as the real one. */
import { createParser } from "eventsource-parser";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import * as anthropicChecker from "../checkers/anthropic.ts";
import * as geminiChecker from "../checkers/gemini.ts";
import * as chatChecker from "../checkers/openaiChat.ts";
import * as responsesChecker from "../checkers/openaiResponses.ts";
import { startGateway, type TestGateway } from "../gateway.ts";
import { BAD_REQUESTS } from "../replies.ts";
import { checkRequest as checkAnthropic } from "../strict/anthropic.ts";
import { checkRequest as checkGemini } from "../strict/gemini.ts";
import { checkRequest as checkChat } from "../strict/openaiChat.ts";
import { checkRequest as checkResponses } from "../strict/openaiResponses.ts";
import {
  type Received,
  type Script,
  sendJson,
  sendStream,
  startUpstream,
  type Upstream,
} from "../upstream.ts";
import { type FetchTap, type Seen, tapFetch } from "./exchange.ts";
import { type ByProtocol, HELLO, type Scene, type Wire, type WriteScene } from "./scene.ts";
import type { Talk } from "./talk.ts";
import { AnthropicTalk } from "./talkAnthropic.ts";
import { ChatTalk } from "./talkChat.ts";
import { GeminiTalk } from "./talkGemini.ts";
import { ResponsesTalk } from "./talkResponses.ts";
import { HeldThreads } from "./threads.ts";
import { writeAnthropic } from "./wireAnthropic.ts";
import { writeChat } from "./wireChat.ts";
import { writeGemini } from "./wireGemini.ts";
import { writeResponses } from "./wireResponses.ts";

export const WRITERS: ByProtocol<WriteScene> = {
  "openai-chat": writeChat,
  "openai-responses": writeResponses,
  anthropic: writeAnthropic,
  gemini: writeGemini,
};

type Body = Record<string, unknown>;

/** DeepSeek has fields of its own for reasoning, and passes over those it does not know. */
const DEEPSEEK = ["reasoning_content", "thinking", "reasoning_details", "extra_content"];

/** What the provider would refuse of a request. */
export function refusals(
  protocol: Protocol,
  body: unknown,
  { headers, url }: Pick<Received, "headers" | "url">,
  provider = "",
): string[] {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  switch (protocol) {
    case "openai-chat":
      return checkChat(body, plain, url, provider === "deepseek" ? DEEPSEEK : []);
    case "openai-responses":
      return checkResponses(body);
    case "anthropic":
      return checkAnthropic(body, plain, url);
    case "gemini":
      return checkGemini(body, plain, url);
  }
}

/** The refusal in the provider's own words, where the gateway has to know them. */
function refusal(protocol: Protocol, problems: readonly string[]): object {
  const foreign = problems.some((problem) =>
    /signature: invalid|data: invalid|could not be verified/.test(problem),
  );
  if (foreign && protocol === "anthropic") {
    const message = "messages.1.content.0: Invalid `signature` in `thinking` block";
    return { type: "error", error: { type: "invalid_request_error", message }, request_id: "req_up" };
  }
  if (foreign && protocol === "openai-responses") {
    const message = "The encrypted content for item rs_1 could not be verified.";
    return {
      error: { message, type: "invalid_request_error", param: null, code: "invalid_encrypted_content" },
    };
  }
  const words = JSON.stringify(problems.join("; ").slice(0, 2000));
  return JSON.parse(
    JSON.stringify(BAD_REQUESTS[protocol]).replace('"Bad temperature"', () => words),
  ) as object;
}

/** What a client of the protocol could not read. */
export function misreadings(protocol: Protocol, seen: Seen, stream: boolean): string[] {
  const checker = {
    "openai-chat": chatChecker,
    "openai-responses": responsesChecker,
    anthropic: anthropicChecker,
    gemini: geminiChecker,
  }[protocol];
  return stream ? checker.checkStream(sseEvents(seen.text)) : checker.checkReply(JSON.parse(seen.text));
}

export function sseEvents(text: string): WireEvent[] {
  const events: WireEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }),
  });
  parser.feed(text);
  return events;
}

/** The first model of each is what requests go to unless a test says otherwise. */
export const MODELS: ByProtocol<{ plain: string; reasoning: string }> = {
  "openai-chat": { plain: "gpt-4.1", reasoning: "gpt-5" },
  "openai-responses": { plain: "gpt-4.1", reasoning: "gpt-5" },
  anthropic: { plain: "claude-haiku-4-5", reasoning: "claude-opus-4-6" },
  gemini: { plain: "gemini-2.5-flash", reasoning: "gemini-3-pro-preview" },
};

/** Accounts beside the four of the same names as the protocols. */
const PROVIDERS: Readonly<
  Record<string, { provider: "openai" | "anthropic" | "gemini" | "deepseek"; protocol: Protocol }>
> = {
  "openai-chat": { provider: "openai", protocol: "openai-chat" },
  "openai-responses": { provider: "openai", protocol: "openai-responses" },
  anthropic: { provider: "anthropic", protocol: "anthropic" },
  gemini: { provider: "gemini", protocol: "gemini" },
  deepseek: { provider: "deepseek", protocol: "openai-chat" },
};

export interface Sent {
  readonly account: string;
  readonly protocol: Protocol;
  /** As the model sees it: with all of its thread, where Anthropic holds that. */
  readonly body: Body;
  readonly stream: boolean;
  readonly headers: Received["headers"];
}

export interface Rig {
  readonly portico: TestGateway;
  /** What the providers answer. */
  scene: Scene;
  /** Chooses the scene by the request, where it is set; a text says why there is none. */
  next: ((sent: Sent) => Scene | string) | undefined;
  /** Takes the place of the scene where it is set. */
  script: Script | undefined;
  /** The protocol of a client whose own provider takes what it sends: its bytes are not judged there. */
  lenient: Protocol | undefined;
  /** Further demands of the provider on a request. */
  demand: ((sent: Sent) => string[]) | undefined;
  /** What the providers refused since `reset`. */
  readonly refused: string[];
  readonly sent: Sent[];
  /** New accounts of the same providers: what was learned of the old ones is forgotten. */
  renew(): Promise<void>;
  /** @param model `ACCOUNT/MODEL`, with the account's name in `PROVIDERS` */
  talk(client: Protocol, model: string): Talk;
  seen(): Promise<Seen>;
  record(): Promise<RequestRecord>;
  reset(): void;
  stop(): Promise<void>;
}

export async function startRig(settings: SettingsInput = {}): Promise<Rig> {
  const upstreams: Upstream[] = [];
  const refused: string[] = [];
  const sent: Sent[] = [];
  const held = new HeldThreads();

  const answer =
    (account: string): Script =>
    async (received, res, req) => {
      const row = PROVIDERS[account];
      if (row === undefined) throw new Error(account);
      const { protocol, provider } = row;
      const said = JSON.parse(received.body.toString()) as Body;
      const threads = protocol === "anthropic" ? held : undefined;
      const seen = threads?.whole(said) ?? { body: said };
      if ("error" in seen) {
        refused.push(`${account}: ${JSON.stringify(seen.error)}`);
        sendJson(res, seen.status, seen.error);
        return;
      }
      const { body } = seen;
      const stream = protocol === "gemini" ? received.url.includes(":stream") : body.stream === true;
      const one: Sent = { account, protocol, body, stream, headers: received.headers };
      sent.push(one);
      const scene = rig.next?.(one) ?? rig.scene;
      const problems = [
        ...(protocol === rig.lenient ? [] : refusals(protocol, body, received, provider)),
        ...(typeof scene === "string" ? [scene] : []),
        ...(rig.demand?.(one) ?? []),
      ];
      if (problems.length > 0 || typeof scene === "string") {
        refused.push(...problems.map((problem) => `${account}: ${problem}`));
        sendJson(res, 400, refusal(protocol, problems));
        return;
      }
      if (rig.script !== undefined) return await rig.script(received, res, req);
      const written = WRITERS[protocol](scene);
      const wire =
        rig.next === undefined && said.thread === undefined ? written : numbered(written, sent.length);
      if (said.thread !== undefined)
        threads?.hold(idOf(wire.whole), body, Reflect.get(Object(wire.whole), "content"));
      if (stream)
        await sendStream(
          res,
          wire.events.map(
            ({ event, data }) => `${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`,
          ),
        );
      else sendJson(res, 200, wire.whole);
    };

  const bases = new Map<string, string>();
  for (const [name, { protocol }] of Object.entries(PROVIDERS)) {
    const upstream = await startUpstream(answer(name));
    upstreams.push(upstream);
    bases.set(name, protocol.startsWith("openai") ? `${upstream.url}/v1` : upstream.url);
  }
  let generation = 0;
  const accountOf = (name: string) => (generation === 0 ? name : `${name}.${generation}`);
  const withAccounts = (): SettingsInput => ({
    ...settings,
    accounts: Object.entries(PROVIDERS).map(([name, { provider, protocol }]) => ({
      id: accountOf(name),
      provider,
      endpoints: { [protocol]: bases.get(name) },
      credentials: { apiKey: `key-of-${name}` },
    })),
  });
  const portico = await startGateway(withAccounts());
  const tap: FetchTap = tapFetch(portico.baseUrl);
  const rig: Rig = {
    portico,
    scene: HELLO,
    next: undefined,
    script: undefined,
    lenient: undefined,
    demand: undefined,
    refused,
    sent,
    async renew() {
      generation++;
      rig.reset();
      await portico.gateway.apply(settingsSchema.parse({ port: 0, ...withAccounts() }));
    },
    talk(client, name) {
      const slash = name.indexOf("/");
      const model = accountOf(name.slice(0, slash)) + name.slice(slash);
      switch (client) {
        case "openai-chat":
          return new ChatTalk(portico.baseUrl, model);
        case "openai-responses":
          return new ResponsesTalk(portico.baseUrl, model);
        case "anthropic":
          return new AnthropicTalk(portico.baseUrl, model);
        case "gemini":
          return new GeminiTalk(portico.baseUrl, model);
      }
    },
    seen: () => tap.last(),
    async record() {
      const { headers } = await tap.last();
      return await portico.recorded((record) => record.id === headers.get("x-request-id"));
    },
    reset() {
      refused.length = 0;
      sent.length = 0;
      portico.records.length = 0;
      rig.scene = HELLO;
      rig.next = undefined;
      rig.script = undefined;
      rig.lenient = undefined;
      rig.demand = undefined;
    },
    async stop() {
      tap.restore();
      await portico.stop();
      await Promise.all(upstreams.map((upstream) => upstream.close()));
    },
  };
  return rig;
}

/** Each reply and its items have ids of their own, as clients may expect. */
function numbered({ events, whole }: Wire, number: number): Wire {
  const named = (json: string) =>
    json.replaceAll(/"((?:resp[-_]|msg_|fc_|ctc_|rs_|chatcmpl-)up)/g, `"$1${number}n`);
  return {
    events: events.map((event) => ({ ...event, data: named(event.data) })),
    whole: JSON.parse(named(JSON.stringify(whole))),
  };
}

const idOf = (whole: unknown): string => String(Reflect.get(Object(whole), "id"));

/** Every client with every account protocol, its own included (which is passthrough). */
export const PAIRS = PROTOCOLS.flatMap((client) => PROTOCOLS.map((target) => ({ client, target })));

/** The warnings of the last reply, from its header. */
export async function warningsOf(rig: Rig): Promise<string> {
  return (await rig.seen()).headers.get("x-portico-warnings") ?? "";
}
