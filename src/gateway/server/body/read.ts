/** A request's body as one buffer: inflated, bounded, and accounted for. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { lasting, type PorticoError } from "../../common/errors.ts";
import type { BodyLease } from "./budget.ts";
import { contentCodings, decodersFor } from "./decoders.ts";

export { BodyBudget, BodyLease } from "./budget.ts";

export const DEFAULT_BODY_BYTES = 128 * 1024 * 1024;

export interface BodyLimits {
  /** Bytes of the body, as it arrives and inflated. Default 128 MiB. */
  readonly bodyBytes?: number;
  /** Where the buffered bytes are counted; the caller releases it when the body is done with. */
  readonly lease?: BodyLease;
}

/**
 * Reads the whole body, through its content encodings. A body that came in one piece is not copied.
 *
 * A refused body is left where it is, paused: the request is not destroyed, so that the reply can
 * still go out; the listener closes the connection behind it.
 *
 * @throws PorticoError `too_large` (413) for more than `limits.bodyBytes`, before reading where the
 * length is announced and without reading on where it is not; `invalid_request` 400 for broken
 * compressed data, 415 for an unknown encoding; `unavailable` (503) when the lease's budget is used up.
 * @throws DOMException `AbortError` when the client goes away; the signal's reason when that aborts.
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  signal?: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // What is thrown in here rejects.
    signal?.throwIfAborted();
    const { bodyBytes = DEFAULT_BODY_BYTES, lease } = limits;
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > bodyBytes) throw tooLarge(bodyBytes);
    const codings = contentCodings(request.headers["content-encoding"]).reverse();
    lease?.check(announced);
    if (request.destroyed && !request.complete) throw clientGone();
    if (request.readableEnded) throw new TypeError("the body was read already");

    const chunks: Buffer[] = [];
    let size = 0;
    let received = 0;
    let settled = false;
    const stages: Duplex[] = [];

    const settle = (): void => {
      settled = true;
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      signal?.removeEventListener("abort", onAbort);
      for (const stage of stages) stage.destroy();
    };
    const fail = (error: unknown): void => {
      if (settled) return;
      settle();
      request.pause();
      reject(error);
    };
    const succeed = (): void => {
      if (settled) return;
      settle();
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    };
    const keep = (chunk: Buffer): void => {
      if (settled) return;
      size += chunk.length;
      try {
        if (size > bodyBytes) throw tooLarge(bodyBytes);
        lease?.grow(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const open = (): Duplex | undefined => {
      const planned = codings.flatMap((coding) => decodersFor(coding).map((stage) => ({ coding, stage })));
      for (const { coding, stage } of planned) {
        let inflated = 0;
        stage.on("error", (cause) => fail(brokenEncoding(coding, cause)));
        stage.on("data", (chunk: Buffer) => {
          inflated += chunk.length;
          if (inflated > bodyBytes) fail(tooLarge(bodyBytes));
        });
        stages.at(-1)?.pipe(stage);
        stages.push(stage);
      }
      stages.at(-1)?.on("data", keep).on("end", succeed);
      stages[0]?.on("drain", () => request.resume());
      return stages[0];
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (codings.length === 0) keep(chunk);
      else if (received > bodyBytes) fail(tooLarge(bodyBytes));
      else if ((stages[0] ?? open())?.write(chunk) === false) request.pause();
    };
    const onEnd = (): void => {
      const [first] = stages;
      if (first === undefined) succeed();
      else first.end();
    };
    const onClose = (): void => {
      if (!request.complete) fail(clientGone());
    };
    const onAbort = (): void => fail(signal?.reason);

    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
    signal?.addEventListener("abort", onAbort);
  });
}

function tooLarge(limit: number): PorticoError {
  const size = limit >= 1024 * 1024 ? `${Math.round(limit / (1024 * 1024))} MiB` : `${limit} bytes`;
  return lasting(
    "too_large",
    `The request body is larger than ${size}; the setting limits.bodyBytes sets that limit.`,
  );
}

function brokenEncoding(coding: string, cause: unknown): PorticoError {
  return lasting("invalid_request", `The request body is not valid ${coding} data, or was cut short.`, {
    cause,
  });
}

const clientGone = (): DOMException => new DOMException("The client closed the connection.", "AbortError");
