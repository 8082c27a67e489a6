/**
 * How a page talks to what it lives in. Everything goes through `call` and `on`.
 *
 * In VS Code the page posts frames of the control API (`ControlFrame` of `control/contract.ts`) to its
 * extension host and gets frames back:
 *   page -> host   {id, method, params}   a call; `host.*` for the host itself, all else for the gateway
 *                  {cancel: id}           the page does not want the answer any more
 *   host -> page   {id, result} or {id, error: {message, code}}
 *                  {event, data}          one of `PageEvents`; `status` soon after the page's first frame
 * The host sends `link` when the gateway comes or goes, `shown` when a hidden panel is seen again, and
 * `open` when the person asks for a page. The page's first frame is `events.watch`, and it sends another
 * whenever what it shows changes; a hidden page watches nothing.
 *
 * In a browser the same frames go over a WebSocket to `/control` of the page's own origin; `host.*` is
 * answered by the browser itself, and `link` is made here.
 */
import { batch, signal } from "@preact/signals";
import type { CallOptions } from "../control/channel.ts";
import type { PageEvents, PageMethods, PageState } from "../control/page.ts";
import { Connection, type Link } from "./connection.ts";
import { hostInBrowser } from "./hostInBrowser.ts";
import { start, vscode } from "./start.ts";
import { socketWire, vscodeWire } from "./wire.ts";

export type { Link } from "./connection.ts";

export type PageMethod = keyof PageMethods;
type Params<M extends PageMethod> = PageMethods[M][0];
type Result<M extends PageMethod> = PageMethods[M][1];
type Args<M extends PageMethod> =
  undefined extends Params<M>
    ? [params?: Params<M>, options?: CallOptions]
    : [params: Params<M>, options?: CallOptions];

/** How the connection to the gateway fares. */
export const link = signal<Link>({ kind: "connecting" });

type Listener = (data: never) => void;
const listeners = new Map<string, Set<Listener>>();
/** What came since the last frame of the screen; more than this and the oldest go. */
const MAX_QUEUED = 500;
const queued: { event: string; data: unknown }[] = [];
let scheduled = false;

const connection = new Connection(
  vscode === undefined ? socketWire(new URL(location.href)) : vscodeWire(vscode),
  {
    onLink: (now) => {
      // What is tried again is still broken until it works.
      if (now.kind !== "connecting" || link.peek().kind !== "disconnected") link.value = now;
    },
    onEvent: (event, data) => {
      queued.push({ event, data });
      if (queued.length > MAX_QUEUED) queued.shift();
      if (scheduled) return;
      scheduled = true;
      // A hidden page gets no animation frames, yet has to hear what brings it back.
      if (document.hidden) setTimeout(deliver, 100);
      else requestAnimationFrame(deliver);
    },
  },
);

const host = hostInBrowser((state: PageState) => emit("open", state));

/** @throws ControlError, always */
export async function call<M extends PageMethod>(
  method: M,
  ...[params, options]: Args<M>
): Promise<Result<M>> {
  const local = vscode === undefined ? localMethod(method) : undefined;
  if (local !== undefined) return (await local(params as never)) as Result<M>;
  // The gateway checked what it sent; the page takes the contract at its word.
  return (await connection.call(method, params, options)) as Result<M>;
}

/** @returns ends it */
export function on<E extends keyof PageEvents>(
  event: E,
  listener: (data: PageEvents[E]) => void,
): () => void {
  const all = listeners.get(event) ?? new Set();
  listeners.set(event, all);
  all.add(listener);
  return () => {
    all.delete(listener);
  };
}

/** Connects now, without waiting for the next try. */
export function reconnect(): void {
  connection.retry();
}

on("link", (data) => {
  link.value = data;
});

function deliver(): void {
  scheduled = false;
  batch(() => {
    for (const { event, data } of queued.splice(0)) emit(event, data);
  });
}

function emit(event: string, data: unknown): void {
  for (const listener of [...(listeners.get(event) ?? [])]) listener(data as never);
}

function localMethod(method: PageMethod): ((params: never) => Promise<unknown>) | undefined {
  return Object.hasOwn(host, method)
    ? (host as Record<string, (params: never) => Promise<unknown>>)[method]
    : undefined;
}

/** Whether VS Code is around: its settings, its file manager, its log. */
export const inVsCode = start.kind === "vscode";
