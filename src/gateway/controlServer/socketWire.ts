/** A channel's wire over a WebSocket, for both its ends. */
import type { WebSocket } from "ws";
import type { Wire } from "../../control/channel.ts";
import { parseJson } from "../common/json.ts";

/** Bytes of one message. */
export const MAX_PAYLOAD = 1024 * 1024;

export interface SocketWireOptions {
  /** Bytes that may wait for the other side to read; then it is cut. */
  maxBehind: number;
  onBehind(): void;
}

export function socketWire(socket: WebSocket, options?: SocketWireOptions): Wire {
  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (options !== undefined && socket.bufferedAmount > options.maxBehind) {
        options.onBehind();
        socket.terminate();
      } else socket.send(JSON.stringify(message));
    },
    listen(onMessage, onClose) {
      socket.on("message", (data, isBinary) => {
        const message = isBinary ? undefined : parseJson(String(data));
        if (message === undefined) socket.close(1003);
        else onMessage(message);
      });
      // `close` follows; a message over the limit or a broken frame ends up here.
      socket.on("error", () => socket.terminate());
      socket.on("close", onClose);
    },
    close: () => socket.close(1000),
  };
}
