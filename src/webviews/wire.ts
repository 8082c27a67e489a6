/** The two ways out of a page: messages to VS Code, or a WebSocket to the address it came from. */
import type { ControlFrame } from "../control/contract.ts";

export interface WireEvents {
  /** Frames can be sent from now on. */
  onOpen(): void;
  onFrame(frame: unknown): void;
  /** Nothing arrives any more; at most once, also where it never opened. */
  onClose(): void;
}

export interface Wire {
  send(frame: ControlFrame): void;
  close(): void;
}

export type Connect = (events: WireEvents) => Wire;

/** The part of `acquireVsCodeApi()` that is used. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** Opens at once and never closes: VS Code tells of the gateway's coming and going by `link` events. */
export function vscodeWire(api: VsCodeApi): Connect {
  return (events) => {
    const listen = (event: MessageEvent) => events.onFrame(event.data);
    window.addEventListener("message", listen);
    queueMicrotask(() => events.onOpen());
    return {
      send: (frame) => api.postMessage(frame),
      close: () => window.removeEventListener("message", listen),
    };
  };
}

/** `/control` of the page's own origin; the session cookie goes along by itself. */
export function socketWire(page: URL): Connect {
  return (events) => {
    const address = new URL("/control", page);
    address.protocol = page.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => events.onOpen());
    socket.addEventListener("message", ({ data }) => {
      const frame = typeof data === "string" ? parse(data) : undefined;
      if (frame === undefined) socket.close();
      else events.onFrame(frame);
    });
    socket.addEventListener("close", () => events.onClose(), { once: true });
    return {
      send: (frame) => socket.send(JSON.stringify(frame)),
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
