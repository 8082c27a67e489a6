/**
 * The end of a leader, in the order in which the next one has to wait least: its port is closed, what it
 * knows and the last records are written, the lock is given up, and only then do the requests in flight end.
 * From the lock on it writes nothing: their records go to whoever leads then (`handOver.ts`).
 */
import { foundAt, type Held } from "../accounts/health.ts";
import type { CutBy } from "../common/cut.ts";
import type { Gateway } from "../gateway.ts";
import type { Handed } from "../records/handed.ts";
import type { RequestRecord } from "../records/record.ts";
import type { Records } from "../records/records.ts";
import type { Settings } from "../settings/settings.ts";
import { createSignaturesFile } from "../state/signaturesFile.ts";
import { createStateFile } from "../state/stateFile.ts";
import { HandOver } from "./handOver.ts";
import type { LeaderOptions } from "./options.ts";
import { factsOf } from "./recordEvents.ts";

/** Milliseconds that the last records get to be written, and renewals of tokens to end, before the lock is given up. */
const WRITE_MS = 1000;
/** Milliseconds after the last request in which somebody has to take its record. */
const HAND_OVER_MS = 2000;
/** The same where nobody takes it over: a thread has to start first. */
const KEEP_MS = 10_000;
/**
 * Milliseconds that whoever stops waits for all of this, less what it takes to say so. VS Code gives an extension five
 * seconds, of which `vscode/host/host.ts` waits four and a half; a terminal waits.
 */
const ALL_MS = { vscode: 4300, headless: Infinity };
/** There is always a try. */
const LEAST_KEEP_MS = 500;
/** Findings about accounts that are handed over, the latest. */
const MOST_HELD = 100;

export interface LeavingDeps {
  readonly options: LeaderOptions;
  readonly settings: () => Settings;
  readonly gateway: () => Gateway;
  readonly records: () => Records;
  /** Runs `job` behind the change that is under way, and none after it. */
  readonly lastTurn: (job: () => Promise<void>) => Promise<void>;
  /** Nobody is told of changes any more. */
  readonly hush: () => void;
  /** Sign-ins and removals of accounts that are under way. */
  readonly endAccounts: (withinMs: number) => Promise<void>;
  /** The control API is closed, and nobody is pointed to it. @returns how many were attached */
  readonly withdraw: () => Promise<number>;
  /** The lock was given up. @param attached how many there are of whom one may take over */
  readonly onReleased: (attached: number) => Promise<void>;
}

export class Leaving {
  readonly #deps: LeavingDeps;
  #handOver: HandOver | undefined;
  /** Is the lock about to be given up? Then nothing is written. */
  #left = false;
  /** Is the data folder another's? Then nothing of this one belongs there. */
  #lost = false;
  #unrecorded = 0;
  #attached = 0;
  #closing: Promise<void> | undefined;
  /** By the monotonic clock. */
  #closingSince = 0;
  #drained: Promise<unknown> = Promise.resolve();

  constructor(deps: LeavingDeps) {
    this.#deps = deps;
  }

  /** Where a finished request is to be recorded. @returns whether that is here */
  record(record: RequestRecord): boolean {
    const handOver = this.#handOver;
    if (handOver !== undefined) {
      const state = this.#deps.gateway().late();
      this.#handOn({ record, counted: false, ...(state === undefined ? {} : { state }) }, handOver);
    } else if (this.#lost) this.#unrecorded++;
    return handOver === undefined && !this.#lost;
  }

  /** The data folder was replaced. */
  lose(): void {
    this.#lost = true;
  }

  /** Whoever leads a folder that replaced ours knows nothing of our accounts. */
  #handOn(handed: Handed, handOver: HandOver): void {
    if (this.#lost) this.#unrecorded++;
    else handOver.add(handed);
  }

  /** A file of the data folder, which only a leader writes. */
  whileLeading<T, F extends { save(value: T): Promise<void>; remove?(): Promise<void> }>(file: F): F {
    const leads = () => !this.#left && !this.#lost;
    return {
      ...file,
      save: async (value: T) => {
        if (leads()) await file.save(value);
      },
      ...(file.remove === undefined
        ? {}
        : {
            remove: async () => {
              if (leads()) await file.remove?.();
            },
          }),
    };
  }

  /**
   * Resolves when all is over. Again: requests in flight have no longer than this time says.
   * @param release gives up the lock; absent: it is kept
   */
  close(drainMs: number, release?: () => void): Promise<void> {
    const by: CutBy = this.#deps.options.kind === "vscode" ? "leave-vscode" : "leave-headless";
    // The port is free when this returns, whatever else is under way.
    this.#drained = Promise.all([this.#drained, this.#deps.gateway().stop(drainMs, by)]);
    this.#closing ??= this.#close(drainMs, release);
    return this.#closing;
  }

  async #close(drainMs: number, release?: () => void): Promise<void> {
    const { lastTurn, endAccounts } = this.#deps;
    this.#closingSince = this.#deps.options.ports.clock.monotonic();
    const ended = endAccounts(drainMs);
    try {
      // A change that hangs, in a keyring or at a provider, keeps nobody waiting.
      let leaving: Promise<void> | undefined;
      const leave = () => {
        leaving ??= this.#leave();
        return leaving;
      };
      await Promise.race([lastTurn(leave), this.#pause(WRITE_MS).then(leave)]);
    } finally {
      this.#left = true;
      release?.();
    }
    this.#handOver?.begin();
    const released = release === undefined || this.#lost ? undefined : this.#deps.onReleased(this.#attached);
    // A second call may have less patience.
    let waited: Promise<unknown>;
    do {
      waited = this.#drained;
      await waited;
    } while (waited !== this.#drained);
    await ended;
    await this.#handOver?.finish(HAND_OVER_MS);
    await released;
    if (this.#unrecorded === 0) return;
    const { log } = this.#deps.options.ports;
    log.warn(`${this.#unrecorded} requests were not recorded: their data folder was replaced`);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#deps.options.ports.clock.setTimeout(resolve, milliseconds));
  }

  async #leave(): Promise<void> {
    const { hush, gateway, records, withdraw } = this.#deps;
    hush();
    const handOver = this.#newHandOver();
    this.#handOver = handOver;
    const [unwritten] = await Promise.all([records().close(WRITE_MS), gateway().leave(WRITE_MS)]);
    for (const record of unwritten) this.#handOn({ record, counted: true }, handOver);
    this.#attached = await withdraw();
  }

  #newHandOver(): HandOver {
    const { options, gateway } = this.#deps;
    const { clock, log } = options.ports;
    const leftAt = clock.now();
    return new HandOver({
      folder: options.folder,
      clock,
      log,
      held: () =>
        gateway()
          .pool.health.snapshot()
          .filter((held) => foundAt(held) >= leftAt)
          .slice(-MOST_HELD),
      keep: (handed, held) => this.#keep(handed, held),
    });
  }

  /** As a leader that is there for this alone. */
  async #keep(handed: readonly Handed[], held: readonly Held[]): Promise<void> {
    const { options, settings, gateway } = this.#deps;
    const { folder, parts, ports, redact } = options;
    const { clock, log } = ports;
    const records = parts.openRecords({
      file: folder.records,
      clock,
      log,
      settings: settings(),
      account: (id) => factsOf(gateway().accounts, id),
      secrets: options.secrets,
    });
    let unwritten: readonly RequestRecord[];
    try {
      const successor = parts.createGateway(settings(), ports, {
        state: createStateFile(folder.state, { log, clock, redact }),
        signatures: createSignaturesFile(folder.signatures, { log, clock }),
        prices: (question) => records.price(question),
        onRecord: (record) => records.add(record),
      });
      await successor.load();
      successor.take(handed, held);
      await successor.stop(0);
    } finally {
      const left = ALL_MS[options.kind] - (clock.monotonic() - this.#closingSince);
      unwritten = await records.close(Math.max(LEAST_KEEP_MS, Math.min(KEEP_MS, left)));
    }
    if (unwritten.length > 0) throw new Error(records.problem ?? "The file could not be written in time.");
  }
}
