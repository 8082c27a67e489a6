/** The two ways out of a page: messages to VS Code, or a WebSocket to the address it came from. */
import type { Wire } from "../control/channel.ts";

/** @param onOpen frames can be sent from now on; a wire that never opens closes */
export type Connect = (onOpen: () => void) => Wire;

/** The part of `acquireVsCodeApi()` that is used. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** Opens at once and never closes: VS Code tells of the gateway's coming and going by `link` events. */
export function vscodeWire(api: VsCodeApi): Connect {
  return (onOpen) => {
    const stop = new AbortController();
    queueMicrotask(onOpen);
    return {
      send: (frame) => api.postMessage(frame),
      listen: (onMessage) =>
        window.addEventListener("message", ({ data }) => onMessage(data), { signal: stop.signal }),
      close: () => stop.abort(),
    };
  };
}

/** `/control` of the page's own origin; the session cookie goes along by itself. */
export function socketWire(page: URL): Connect {
  return (onOpen) => {
    const address = new URL("/control", page);
    address.protocol = page.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("open", onOpen);
    return {
      send: (frame) => socket.send(JSON.stringify(frame)),
      listen(onMessage, onClose) {
        socket.addEventListener("message", ({ data }) => {
          const frame = typeof data === "string" ? parse(data) : undefined;
          if (frame === undefined) socket.close();
          else onMessage(frame);
        });
        socket.addEventListener("close", onClose, { once: true });
      },
      close: () => socket.close(),
    };
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
