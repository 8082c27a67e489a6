/**
 * Starts the gateway's worker thread and keeps it alive. The worker finds out whether this window
 * leads or attaches to another; here it looks the same.
 */

import { Worker } from "node:worker_threads";
import { t } from "@vscode/l10n";
import { type CallOptions, Channel, ControlError, portWire } from "../../control/channel.ts";
import type { Events, LogLevel, Method, Params, Result } from "../../control/contract.ts";
import type { MemberRole, WindowView, WorkerMethods, WorkerStart } from "../../control/window.ts";
import type { WindowHandlers } from "./secrets.ts";

export interface HostOptions {
  /** `dist/worker.js`. */
  workerFile: string | URL;
  /** Read at each start. */
  start(): WorkerStart;
  handlers: WindowHandlers;
  log(level: LogLevel, message: string): void;
  onView(view: WindowView): void;
  /** Further events of the gateway, for pages that watch them. */
  onEvent(event: string, data: unknown): void;
}

/** Milliseconds until the worker is started again: doubled at each crash in a row. */
const RESTART_MS = 500;
const RESTART_MAX_MS = 60_000;
/** Milliseconds after which a worker counts as healthy. */
const HEALTHY_MS = 60_000;
/** Longer than any call takes; pages have their own times. */
const RELAY_MS = 600_000;
/** Milliseconds: thousands of files, on a slow disk. */
const DELETE_MS = 60_000;
/** VS Code gives an extension about five seconds to end. */
const CLOSE_MS = 4500;

export class GatewayHost {
  readonly #options: HostOptions;
  #worker: Worker | undefined;
  #channel: Channel | undefined;
  #view: WindowView = { part: { kind: "joining" } };
  #crashes = 0;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;
  #retired: string | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  get view(): WindowView {
    return this.#view;
  }

  start(): void {
    if (this.#closed || this.#worker !== undefined) return;
    this.#show({ part: { kind: "joining" } });
    const { workerFile, handlers, log } = this.#options;
    // The extension host's own flags are not for workers.
    const worker = new Worker(workerFile, {
      workerData: this.#options.start(),
      execArgv: [],
      name: "portico",
      // For what is new, by default as much as a server has: requests leave little of it behind.
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    });
    this.#worker = worker;
    const startedAt = Date.now();
    let failure = "";
    worker.on("error", (error) => {
      failure = error.message;
      log("error", `The gateway's worker failed: ${error.stack ?? error.message}`);
    });
    worker.on("exit", () => this.#ended(worker, startedAt, failure));
    this.#channel = new Channel(
      portWire(worker, () => void worker.terminate()),
      {
        serve: (method, params) => {
          if (!isWindowMethod(method, handlers))
            throw new ControlError("not-found", `A window has no "${method}".`);
          // Our own worker's params: one build, one process.
          return handlers[method](params as never);
        },
        onEvent: (event, data) => this.#hear(event, data),
        onFailure: (method, thrown) => log("error", `${method} failed: ${String(thrown)}`),
      },
    );
  }

  /** @throws ControlError */
  call<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>> {
    return this.#ask(method, params, options) as Promise<Result<M>>;
  }

  /** A page's call, as it came; the gateway checks it. @throws ControlError */
  relay(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#ask(method, params, { timeoutMs: RELAY_MS, ...(signal === undefined ? {} : { signal }) });
  }

  /** @throws ControlError */
  async tell<M extends keyof WorkerMethods>(method: M, params: WorkerMethods[M][0]): Promise<void> {
    // A worker that is not there reads everything when it starts.
    if (this.#channel !== undefined) await this.#ask(method, params, undefined);
  }

  /** The proxy stops if this window leads; resolves when the worker is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    try {
      await this.#ask("window.close", undefined, { timeoutMs: CLOSE_MS });
    } catch (error) {
      this.#options.log("warn", `The gateway did not end by itself: ${String(error)}`);
    }
    await worker.terminate();
  }

  /** The data folder, where this window leads. @returns names of files that stay @throws ControlError */
  async deleteData(): Promise<readonly string[]> {
    const asked = await this.#ask("window.delete", undefined, { timeoutMs: DELETE_MS });
    return (asked as WorkerMethods["window.delete"][1]).left;
  }

  /** Ends for as long as this window is open. @param why for a person who asks something of it */
  async retire(why: string): Promise<void> {
    this.#retired = why;
    await this.close();
    this.#show({ part: { kind: "broken", message: why } });
  }

  #ask(method: string, params: unknown, options: CallOptions | undefined): Promise<unknown> {
    if (this.#channel === undefined) {
      const why = this.#retired ?? t("Portico is restarting. Try again in a moment.");
      return Promise.reject(new ControlError("closed", why));
    }
    return this.#channel.call(method, params, options);
  }

  #hear(event: string, data: unknown): void {
    if (event === "log") {
      const { level, message } = data as Events["log"];
      this.#options.log(isLevel(level) ? level : "info", message);
    } else if (event === "status") this.#show({ ...this.#view, status: data as Events["status"] });
    else if (event === "part") this.#show({ ...this.#view, part: data as MemberRole });
    else this.#options.onEvent(event, data);
  }

  #show(view: WindowView): void {
    this.#view = view;
    this.#options.onView(view);
  }

  #ended(worker: Worker, startedAt: number, failure: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#channel = undefined;
    if (this.#closed) return;
    this.#crashes = Date.now() - startedAt > HEALTHY_MS ? 1 : this.#crashes + 1;
    const wait = Math.min(RESTART_MS * 2 ** (this.#crashes - 1), RESTART_MAX_MS);
    const message =
      failure === ""
        ? t("Portico stopped unexpectedly and starts again in {0} s.", wait / 1000)
        : t("Portico stopped unexpectedly ({0}) and starts again in {1} s.", failure, wait / 1000);
    this.#options.log("error", message);
    this.#show({ part: { kind: "broken", message } });
    this.#restart = setTimeout(() => this.start(), wait);
  }
}

const LEVELS: readonly string[] = ["debug", "info", "warn", "error"] satisfies LogLevel[];

function isLevel(level: Events["log"]["level"]): level is LogLevel {
  return LEVELS.includes(level);
}

function isWindowMethod(method: string, handlers: WindowHandlers): method is keyof WindowHandlers {
  return Object.hasOwn(handlers, method);
}
