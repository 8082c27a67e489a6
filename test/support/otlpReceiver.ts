/** A receiver of traces: a real HTTP server that reads what it is sent, and answers as it is told to. */
import http, { type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { type ReadSpan, readSpans } from "./protobuf.ts";

export interface ReceivedBatch {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came, inflated. */
  readonly body: Buffer;
  readonly spans: ReadSpan[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly port: number;
  /** Of batches that it took. */
  readonly spans: ReadSpan[];
  /** All that came, taken or not. */
  readonly batches: ReceivedBatch[];
  /** What it does instead of 200; absent: it takes the batch. */
  answer: ((res: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

/** @param tls key and certificate in PEM; absent: plain HTTP */
export async function startReceiver(tls?: { key: string; cert: string }): Promise<OtlpReceiver> {
  const listener: RequestListener = (req, res) => {
    const chunks: Buffer[] = [];
    req.on("error", () => {});
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = req.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
      const batch = { path: req.url ?? "", headers: req.headers, body, spans: readSpans(body) };
      receiver.batches.push(batch);
      if (receiver.answer?.(res) === true) return;
      receiver.spans.push(...batch.spans);
      // As the specification has it: an empty `ExportTraceServiceResponse`.
      res.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const receiver: OtlpReceiver = {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    spans: [],
    batches: [],
    answer: undefined,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

/** The spans of a trace as a tree of their names, kinds and states. */
export function treeOf(spans: readonly ReadSpan[], parent?: ReadSpan): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = spans.filter((span) =>
    parent === undefined ? !ids.has(span.parentSpanId) : span.parentSpanId === parent.spanId,
  );
  return children.flatMap((span) => [
    `${span.kind} ${span.name}${span.status === "unset" ? "" : ` (${span.status})`}`,
    ...treeOf(spans, span).map((line) => `  ${line}`),
  ]);
}
