/** The model of an agent at a provider of each protocol: reads the note by the editor's own tool, then says what it read. */
import { join } from "node:path";
import { PROTOCOLS, type Protocol } from "../../src/control/protocol.ts";
import type { ByProtocol, Scene, SceneUsage, WriteScene } from "../support/matrix/scene.ts";
import { writeAnthropic } from "../support/matrix/wireAnthropic.ts";
import { writeChat } from "../support/matrix/wireChat.ts";
import { writeGemini } from "../support/matrix/wireGemini.ts";
import { writeResponses } from "../support/matrix/wireResponses.ts";
import { BAD_REQUESTS } from "../support/replies.ts";
import { type Script, sendJson, sendStream, startUpstream, type Upstream } from "../support/upstream.ts";

/** What the note says, and no model can know. */
export const SECRET = "Morrow-4711";
/** In the person's words, asks for the note; any other words are answered at once. */
export const WANTS_NOTE = "Read the note";
/** Asks for an answer that never ends. */
export const WANTS_ALL = "Count for ever";
/** Asks for what the provider refuses. */
export const WANTS_REFUSAL = "Set the temperature to eleven";
/** The provider's words for it, as `BAD_REQUESTS` has them. */
export const REFUSED = "Bad temperature";
export const USAGE: SceneUsage = { input: 21_000, cacheRead: 0, cacheWrite: 0, output: 350, reasoning: 0 };
/** USD per million tokens. */
export const PRICE = { model: "agent-*", input: 2, output: 20 };
/** In USD, of one answer. */
export const COST = (USAGE.input * PRICE.input + USAGE.output * PRICE.output) / 1_000_000;

/** Of the window that leads, and of one that follows. */
export const FOLDERS = ["first", "agent-follower"] as const;

/** The file that it reads, in the folder that is open. */
export const noteIn = (scratch: string, folder: (typeof FOLDERS)[number]): string =>
  join(scratch, folder, "note.txt");

/** A model of each, so that its name chooses the protocol. */
export const agentModel = (protocol: Protocol): string => `agent-${protocol}`;

const WRITERS: ByProtocol<WriteScene> = {
  "openai-chat": writeChat,
  "openai-responses": writeResponses,
  anthropic: writeAnthropic,
  gemini: writeGemini,
};

/** Where a protocol has the result of a tool, and an image. */
const FORMS: ByProtocol<{ result(part: Json): boolean; image(part: Json): unknown }> = {
  "openai-chat": {
    result: ({ role }) => role === "tool",
    image: ({ type, image_url }) => type === "image_url" && Reflect.get(Object(image_url), "url"),
  },
  "openai-responses": {
    result: ({ type }) => type === "function_call_output",
    image: ({ type, image_url }) => type === "input_image" && image_url,
  },
  anthropic: {
    result: ({ type }) => type === "tool_result",
    image: ({ type, source }) => type === "image" && Reflect.get(Object(source), "data"),
  },
  gemini: {
    result: (part) => "functionResponse" in part,
    image: ({ inlineData }) => Reflect.get(Object(inlineData), "data"),
  },
};

type Json = Readonly<Record<string, unknown>>;

export interface AgentProvider {
  readonly protocol: Protocol;
  /** Also what its account is called. */
  readonly host: string;
  /** As an account has it. */
  readonly base: string;
  /** Images that it was shown, base64, each once. */
  readonly images: ReadonlySet<string>;
  /** Streams that were broken off by the other side. */
  broken: number;
  close(): Promise<void>;
}

/** @param scratch where the folders are that windows have open */
export async function startAgentProviders(scratch: string): Promise<AgentProvider[]> {
  return await Promise.all(PROTOCOLS.map((protocol) => startAgentProvider(protocol, scratch)));
}

async function startAgentProvider(protocol: Protocol, scratch: string): Promise<AgentProvider> {
  const images = new Set<string>();
  const form = FORMS[protocol];
  const answer: Script = async (received, res) => {
    const body: unknown = JSON.parse(received.body.toString());
    const parts = objectsIn(body);
    for (const part of parts) {
      const image = form.image(part);
      if (typeof image === "string") images.add(image.replace(/^data:image\/\w+;base64,/, ""));
    }
    const said = JSON.stringify(body);
    if (said.includes(WANTS_REFUSAL)) return sendJson(res, 400, BAD_REQUESTS[protocol]);
    if (said.includes(WANTS_ALL)) {
      void received.aborted.then(() => {
        provider.broken += 1;
      });
      const { events } = written({ text: "one two three", finish: "stop", usage: USAGE });
      // All but its end.
      res.writeHead(200, { "content-type": "text/event-stream" });
      for (const each of events.slice(0, -3)) res.write(each);
      return;
    }
    const read = parts.find((part) => form.result(part) && JSON.stringify(part).includes(SECRET));
    const tool = parts.map(({ name }) => name).find((name) => /^read_?file$/i.test(String(name)));
    const wants = said.includes(WANTS_NOTE) && read === undefined && typeof tool === "string";
    // VS Code tells the model which folder is open.
    const folder = FOLDERS.findLast((each) => said.includes(join(scratch, each))) ?? FOLDERS[0];
    const args = { filePath: noteIn(scratch, folder), startLine: 1, endLine: 10 };
    const scene: Scene = wants
      ? { calls: [{ id: "call_note", name: tool, args }], finish: "tool-calls", usage: USAGE }
      : {
          text: read === undefined ? "Nothing was read." : `By ${protocol} the note says ${SECRET}.`,
          finish: "stop",
          usage: USAGE,
        };
    await sendStream(res, written(scene).events);
  };
  const written = (scene: Scene) => ({
    events: WRITERS[protocol](scene).events.map(
      ({ event, data }) => `${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`,
    ),
  });
  const upstream: Upstream = await startUpstream(answer);
  upstream.models = modelList(protocol);
  const provider: AgentProvider = {
    protocol,
    host: `127.0.0.1:${upstream.port}`,
    base: protocol.startsWith("openai") ? `${upstream.url}/v1` : upstream.url,
    images,
    broken: 0,
    close: () => upstream.close(),
  };
  return provider;
}

function modelList(protocol: Protocol): object {
  const id = agentModel(protocol);
  if (protocol === "gemini") {
    const supportedGenerationMethods = ["generateContent", "streamGenerateContent"];
    return { models: [{ name: `models/${id}`, displayName: id, supportedGenerationMethods }] };
  }
  return { object: "list", data: [{ id, object: "model", type: "model", created: 1, owned_by: "test" }] };
}

/** Every object in a body, however deep. */
function objectsIn(value: unknown): Json[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Json, ...inner];
}
