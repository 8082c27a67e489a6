/** The provider of the benchmark: fixed replies, no work. Prints its port. */
import http from "node:http";

const REPLY = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "bench",
    choices: [
      { index: 0, message: { role: "assistant", content: "word ".repeat(200) }, finish_reason: "stop" },
    ],
    usage: { prompt_tokens: 500, completion_tokens: 200, total_tokens: 700 },
  }),
);
const CHUNKS = 200;
/** Milliseconds between chunks: far enough apart to stay apart on the wire. */
const PACE_MS = 1;
/** Chunks written together where it sends bursts. */
const BURST = 20;
/** The pace of a slow model. */
const SLOW_MS = 250;

const chunk = (delta: object, finish: string | null, usage?: object) =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "bench", choices: usage === undefined ? [{ index: 0, delta, finish_reason: finish }] : [], ...(usage === undefined ? {} : { usage }) })}\n\n`;
const STREAM: Buffer[] = [
  Buffer.from(chunk({ role: "assistant", content: "" }, null)),
  ...Array.from({ length: CHUNKS - 4 }, (_, i) => Buffer.from(chunk({ content: `word ${i} ` }, null))),
  Buffer.from(chunk({}, "stop")),
  Buffer.from(chunk({}, null, { prompt_tokens: 500, completion_tokens: 196, total_tokens: 696 })),
  Buffer.from("data: [DONE]\n\n"),
];

const sse = (event: { type: string; [field: string]: unknown }) =>
  Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
/** The same words as an Anthropic stream. */
const MESSAGES: Buffer[] = [
  sse({
    type: "message_start",
    message: {
      id: "msg_bench",
      type: "message",
      role: "assistant",
      model: "bench",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 500, output_tokens: 1 },
    },
  }),
  sse({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
  ...Array.from({ length: CHUNKS - 5 }, (_, i) =>
    sse({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: `word ${i} ` } }),
  ),
  sse({ type: "content_block_stop", index: 0 }),
  sse({
    type: "message_delta",
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { input_tokens: 500, output_tokens: 195 },
  }),
  sse({ type: "message_stop" }),
];

/** A stop sequence, which every protocol has, says how a stream is sent. */
const asksFor = (data: Buffer, pace: string): boolean => data.includes(`["${pace}"]`);

const server = http.createServer((req, res) => {
  let pieces = req.url?.startsWith("/v1/messages") ? MESSAGES : STREAM;
  let stream = false;
  let atOnce = 1;
  let pace = PACE_MS;
  req.on("data", (data: Buffer) => {
    stream ||= data.includes('"stream":true');
    // Only the beginning and the end of the stream: for the time to its first event.
    if (asksFor(data, "short")) pieces = [...pieces.slice(0, 4), ...pieces.slice(-3)];
    if (asksFor(data, "bursts")) atOnce = BURST;
    if (asksFor(data, "slow")) {
      pieces = [...pieces.slice(0, 20), ...pieces.slice(-3)];
      pace = SLOW_MS;
    }
  });
  req.on("end", () => {
    if (req.method === "GET") {
      res.writeHead(200, { "content-type": "application/json" });
      res.end('{"object":"list","data":[{"id":"bench","object":"model"}]}');
      return;
    }
    if (!stream) {
      res.writeHead(200, { "content-type": "application/json", "content-length": REPLY.length });
      res.end(REPLY);
      return;
    }
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    // As on the wire of real providers: an event that only announces comes together with the next.
    res.write(Buffer.concat(pieces.slice(0, 3)));
    let next = 3;
    const timer = setInterval(() => {
      for (let sent = 0; sent < atOnce; sent++) {
        const piece = pieces[next++];
        if (piece === undefined) {
          clearInterval(timer);
          res.end();
          return;
        }
        res.write(piece);
      }
    }, pace);
    res.on("close", () => clearInterval(timer));
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
