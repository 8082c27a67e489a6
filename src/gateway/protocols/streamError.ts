/** An error as the last thing of a stream that has begun. */
import type { PorticoError } from "../common/errors.ts";
import type { Codec, Framing } from "./codec.ts";

/**
 * An error behind what was sent already. A JSON array of which nothing was sent has to be opened.
 * @param begun whether anything but white space was sent
 */
export function streamErrorText(
  codec: Codec,
  error: PorticoError,
  requestId: string,
  framing: Framing,
  begun: boolean,
): string {
  if (framing === "sse" || begun) return codec.encodeStreamError(error, requestId, framing);
  return `[${JSON.stringify(codec.encodeError(error, requestId).body)}]`;
}
