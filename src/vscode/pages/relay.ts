/**
 * One page's line to its window and, through it, to the gateway. Nothing is sent to a page that is not
 * seen: VS Code throws it away and runs it anew, with a fresh snapshot, when it is seen again.
 */
import type * as vscode from "vscode";
import { Channel, ControlError, type Serve, type Wire } from "../../control/channel.ts";
import type { ControlFrame, WatchedEvent } from "../../control/contract.ts";
import type { PageEvents } from "../../control/page.ts";

const WATCHED: ReadonlySet<string> = new Set<WatchedEvent>(["requests", "accounts", "settings"]);

export interface RelayOptions {
  readonly webview: vscode.Webview;
  /** Everything but `events.watch`. */
  readonly serve: Serve;
  /** What this page wants to hear has changed. */
  onWatch(): void;
  /** The page runs, and listens: its first call, and each time it says what it watches. */
  onReady(relay: Relay): void;
  onFailure(method: string, thrown: unknown): void;
}

export class Relay {
  readonly #options: RelayOptions;
  #watched: ReadonlySet<WatchedEvent> = new Set();
  #visible = true;
  #running = false;
  #channel: Channel;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#channel = this.#open();
  }

  get watched(): ReadonlySet<WatchedEvent> {
    return this.#visible ? this.#watched : NONE;
  }

  /** Does the page run, and listen? What it is sent before may be lost. */
  get running(): boolean {
    return this.#running;
  }

  /** The page that was there is gone when it is hidden, and with it what it asked for. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (!visible) {
      this.#running = false;
      this.#channel.close();
      this.#channel = this.#open();
      this.#watch(new Set());
    }
  }

  emit<E extends keyof PageEvents>(event: E, data: PageEvents[E]): void {
    if (!this.#visible || (isWatched(event) && !this.#watched.has(event))) return;
    this.#channel.emit(event, data);
  }

  close(): void {
    this.#visible = false;
    this.#channel.close();
    this.#options.onWatch();
  }

  #open(): Channel {
    const { serve, onFailure } = this.#options;
    return new Channel(webviewWire(this.#options.webview), {
      maxPending: 64,
      onFailure,
      serve: async (method, params, signal) => {
        if (method !== "events.watch") return await serve(method, params, signal);
        this.#watch(watchedIn(params));
        // The last words of a page that was just hidden say nothing of the next one.
        if (!this.#visible) return undefined;
        this.#running = true;
        this.#options.onReady(this);
        return undefined;
      },
    });
  }

  #watch(watched: ReadonlySet<WatchedEvent>): void {
    this.#watched = watched;
    this.#options.onWatch();
  }
}

const NONE: ReadonlySet<WatchedEvent> = new Set();

export function isWatched(event: string): event is WatchedEvent {
  return WATCHED.has(event);
}

function watchedIn(params: unknown): ReadonlySet<WatchedEvent> {
  const events: unknown = typeof params === "object" && params !== null && Reflect.get(params, "events");
  if (!Array.isArray(events)) throw new ControlError("bad-request", "The page did not say what to watch.");
  return new Set(events.filter((each): each is WatchedEvent => typeof each === "string" && isWatched(each)));
}

/** A wire to a page. Closing it forgets the page; the page itself stays. */
function webviewWire(webview: vscode.Webview): Wire {
  let subscription: vscode.Disposable | undefined;
  let closed: (() => void) | undefined;
  return {
    send(message: ControlFrame) {
      // A page that is on its way out hears nothing more.
      if (closed !== undefined) void webview.postMessage(message);
    },
    listen(onMessage, onClose) {
      closed = onClose;
      subscription = webview.onDidReceiveMessage(onMessage);
    },
    close() {
      subscription?.dispose();
      const tell = closed;
      closed = undefined;
      tell?.();
    },
  };
}
