/** What the gateway asks about telegrams beside translating them. */
import type { Protocol } from "../../../src/control/protocol.ts";
import { fieldsOf, isRecord, listOf, textOf } from "../../../src/gateway/common/json.ts";
import { lastUsage, type Wire } from "../../../src/gateway/protocols/wire.ts";
import { decodeCounts } from "./index.ts";

const PROTOCOL = "telegraph" as Protocol;

export const wire: Wire = {
  protocol: PROTOCOL,
  client: {
    family: "telegraph",
    versions: ["v1"],
    heads: ["telegrams"],
    routes: ({ rest }) =>
      rest.join("/") === "telegrams"
        ? {
            POST: {
              kind: "call",
              protocol: PROTOCOL,
              operation: "chat",
              path: () => "/telegrams",
              modelAt: [["to", "station"]],
              required: { field: "lines", type: "array" },
            },
          }
        : undefined,
    paths: ["POST /v1/telegrams"],
    headers: ["x-telegraph"],
    keyInQuery: false,
    framing: () => "sse",
  },
  endpoint: { keyHeader: "authorization" },
  modelList: {
    path: () => "/stations",
    parse: (body) => ({ models: listOf(fieldsOf(body).stations).map((id) => ({ id: String(id) })) }),
    encode: (models) => ({ stations: models.map(({ id }) => id) }),
    encodeOne: ({ id }) => ({ station: id }),
  },
  expressiveness: 0,
  losses: (features) => [...features].filter((feature) => feature !== "answer"),
  usage: { places: ["counts"], restated: true, reader: () => lastUsage(decodeCounts) },
  chatPath: () => "/telegrams",
  keepsReplies: false,
  streamEnding: {
    isFinished: (text) => /"stop"\s*:\s*"/.test(text),
    last: { word: Buffer.from('"stop"'), isAmong: (events) => /"stop"\s*:\s*"/.test(events) },
    beginsHollow: false,
  },
  isError: (body) => isRecord(fieldsOf(body).fault),
  missingAnswer: (reply) => (textOf(reply.words) === undefined ? "words" : undefined),
  edits: {
    withPrefix: (body, prefix) => ({
      ...body,
      lines: [{ by: "office", words: prefix }, ...listOf(body.lines)],
    }),
    withLimit: (body, limit) => ({ ...body, most: limit }),
    withEffort: (body) => body,
    outputLimit: () => undefined,
  },
  mediaRule: () => "none",
  boundState: { strip: (body) => body },
  conversation: ({ lines }) => ({
    system: undefined,
    systemInTurns: false,
    turns: lines,
    content: "words",
  }),
};
