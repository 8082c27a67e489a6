/** How one window takes part: it leads, or attaches to the one that does and takes over when that one goes. */

import { ControlError, type Serve } from "../../control/channel.ts";
import type { EventName, Events, Params } from "../../control/contract.ts";
import type { MemberRole, WindowSettings } from "../../control/window.ts";
import { type DataFolder, openDataFolder } from "../common/dataFolder.ts";
import { deferred } from "../common/deferred.ts";
import { whyRefused } from "../common/fileFailure.ts";
import { type Leadership, tryLead } from "../common/leaderLock.ts";
import { type Log, systemClock } from "../common/ports.ts";
import { sleep } from "../common/sleep.ts";
import { readAddress } from "../controlServer/address.ts";
import { type ControlClient, connectControl } from "../controlServer/client.ts";
import { isMethod, METHODS } from "../leader/methods/all.ts";
import type { Leader, LeaderOptions } from "../leader/options.ts";
import { deleteFolder } from "./deleteFolder.ts";

export interface MemberOptions {
  folder: DataFolder;
  log: Log;
  /** Becomes the leader. `takeover`: another one led before, in this window's life. */
  lead(takeover: boolean, folder: HeldFolder): Promise<Leader>;
  onPart(part: MemberRole): void;
  /** From the leader that this window is attached to. */
  onEvent<E extends EventName>(event: E, data: Events[E]): void;
}

/** The leader's hold on its data folder. */
export type HeldFolder = Required<Pick<LeaderOptions, "retake" | "onLost">>;

/** Milliseconds that requests in flight get when the data folder is another's. */
const LOST_DRAIN_MS = 5000;
/** Milliseconds between two tries to lead or attach. */
const RETRY_MS = 50;
const RETRY_BROKEN_MS = 2000;
/** Milliseconds a call waits until it is known who leads. */
const JOIN_MS = 10_000;
/** Longer than any call takes; the window's own times come first. */
const RELAY_MS = 600_000;

export class Member {
  readonly #options: MemberOptions;
  readonly #end = new AbortController();
  #running: Promise<void>;
  #lead: Leader | undefined;
  #leadership: Leadership | undefined;
  #client: ControlClient | undefined;
  #part: MemberRole = { kind: "joining" };
  #changed = deferred();
  /** What this window wants to hear. */
  #watched: Params<"events.watch"> = { events: [] };

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** The control API, wherever the leader is. */
  readonly serve: Serve = async (method, params, signal) => {
    if (method === "events.watch") this.#remember(params);
    await this.#joined(signal);
    if (this.#lead !== undefined) return this.#lead.serve(method, params, signal);
    if (this.#client === undefined) {
      const why =
        this.#part.kind === "broken"
          ? this.#part.message
          : "Portico is still starting. Try again in a moment.";
      throw new ControlError("failed", why);
    }
    if (!isMethod(method)) throw new ControlError("not-found", `Portico does not know "${method}".`);
    // The leader checks the params, as it does for everyone.
    return this.#client.call(method, params as never, { signal, timeoutMs: RELAY_MS });
  };

  /** New settings of this window. They matter to the leader; the others have them when they take over. */
  async applyWindow(settings: WindowSettings): Promise<void> {
    await this.#lead?.applyWindow(settings);
  }

  /** To the windows attached to this one. */
  tellOthers(data: Events["log"]): void {
    this.#lead?.tellOthers(data);
  }

  async close(drainMs: number): Promise<void> {
    this.#end.abort();
    this.#client?.close();
    await this.#running;
    try {
      await this.#lead?.close(drainMs, () => this.#leadership?.release());
    } finally {
      this.#leadership?.release();
    }
  }

  /**
   * The lock is held until all else is gone, so that nobody leads what is being deleted.
   * @returns names of what could not be deleted
   * @throws ControlError where this window does not lead
   */
  async deleteData(drainMs: number): Promise<string[]> {
    const lead = this.#lead;
    if (lead === undefined) throw new ControlError("failed", "Portico is led by another window or program.");
    this.#end.abort();
    await this.#running;
    await lead.close(drainMs);
    this.#lead = undefined;
    return deleteFolder(this.#options.folder, () => this.#leadership?.release());
  }

  /** The lock went with the folder: that of the new one, where nobody has it. */
  #retake(): boolean {
    const next = tryLead(this.#options.folder.leader);
    if (next === undefined) return false;
    this.#leadership?.release();
    this.#leadership = next;
    return true;
  }

  /** Leads no longer, and finds out who does. What ran goes on running where it is this window again. */
  #startOver(): void {
    this.#running = this.#running.then(async () => {
      const ran = this.#lead?.status().proxy.kind === "running";
      const lead = this.#lead;
      this.#lead = undefined;
      this.#become({ kind: "joining" });
      await lead?.close(LOST_DRAIN_MS).catch((error: unknown) => {
        this.#options.log.error("what was led could not be closed", { error: String(error) });
      });
      this.#leadership?.release();
      this.#leadership = undefined;
      await this.#run(true);
      if (ran && !this.#end.signal.aborted)
        await (this.#lead as Leader | undefined)?.call("proxy.start", undefined);
    });
  }

  /** @param before whether somebody led, in this window's life */
  async #run(before = false): Promise<void> {
    let attachedBefore = before;
    while (!this.#end.signal.aborted) {
      try {
        this.#leadership = tryLead(this.#options.folder.leader);
        if (this.#leadership !== undefined) {
          this.#lead = await this.#options.lead(attachedBefore, {
            retake: () => this.#retake(),
            onLost: () => this.#startOver(),
          });
          await this.#watch((params) => this.#lead?.call("events.watch", params));
          return this.#become({ kind: "leading" });
        }
        if (await this.#attach()) attachedBefore = true;
        else await sleep(RETRY_MS, systemClock, this.#end.signal);
      } catch (error) {
        // Nobody runs what they do not lead.
        await this.#lead?.close(0).catch((failure: unknown) => {
          this.#options.log.error("what could not lead could not be closed", { error: String(failure) });
        });
        this.#lead = undefined;
        this.#leadership?.release();
        this.#leadership = undefined;
        const why = whyRefused(error);
        const message = `Portico cannot use its data folder ${this.#options.folder.path}: ${why}`;
        if (this.#part.kind !== "broken") this.#options.log.error(message);
        this.#become({ kind: "broken", message });
        await sleep(RETRY_BROKEN_MS, systemClock, this.#end.signal);
        // It may have been deleted.
        await openDataFolder(this.#options.folder.path).catch(() => {});
      }
    }
  }

  /** Stays attached for as long as the leader is there. @returns whether it was attached at all. */
  async #attach(): Promise<boolean> {
    const address = await readAddress(this.#options.folder.gateway);
    if (address === undefined || this.#end.signal.aborted) return false;
    const gone = deferred();
    let client: ControlClient;
    try {
      client = await connectControl(address, {
        onEvent: (event, data) => this.#options.onEvent(event, data),
        onClose: () => gone.resolve(),
        timeoutMs: 1000,
      });
    } catch {
      // It just died, or is not up yet: the next round will tell.
      return false;
    }
    this.#client = client;
    if (this.#end.signal.aborted) client.close();
    try {
      this.#options.onEvent("status", await client.call("status.get", undefined));
      await this.#watch((params) => client.call("events.watch", params));
      this.#become({ kind: "attached", pid: address.pid });
    } catch {
      client.close();
    }
    await gone.promise;
    this.#client = undefined;
    if (!this.#end.signal.aborted) this.#become({ kind: "joining" });
    return true;
  }

  /** Whoever leads next is told as well. */
  #remember(params: unknown): void {
    const parsed = METHODS["events.watch"].params.safeParse(params);
    if (parsed.success) this.#watched = parsed.data;
  }

  async #watch(ask: (params: Params<"events.watch">) => Promise<unknown> | undefined): Promise<void> {
    if (this.#watched.events.length === 0) return;
    try {
      await ask(this.#watched);
    } catch (error) {
      // A leader of an older version knows no such thing, and is none the worse for it.
      this.#options.log.debug("the leader was not told what to send", { error: String(error) });
    }
  }

  #become(part: MemberRole): void {
    this.#part = part;
    this.#options.onPart(part);
    const before = this.#changed;
    this.#changed = deferred();
    before.resolve();
  }

  /** Waits while it is not known who leads. */
  async #joined(signal: AbortSignal): Promise<void> {
    const late = AbortSignal.any([signal, this.#end.signal, AbortSignal.timeout(JOIN_MS)]);
    const aborted = new Promise<void>((resolve) =>
      late.addEventListener("abort", () => resolve(), { once: true }),
    );
    while (this.#part.kind === "joining" && !late.aborted)
      await Promise.race([this.#changed.promise, aborted]);
  }
}
