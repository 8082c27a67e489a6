/** Whether the proxy is meant to run, kept in the data folder: a reload or another leader restores it. */
import * as z from "zod";
import { readJsonIfThere, writeWhole } from "../common/dataFolder.ts";
import { notSaved } from "../common/fileFailure.ts";
import type { Clock, Log, Timer } from "../common/ports.ts";

const schema = z.object({ proxy: z.enum(["running", "stopped"]) });
export type DesiredState = z.output<typeof schema>["proxy"];

/** @returns `stopped` where nothing, or nothing sensible, was kept. */
export async function readDesiredState(file: string): Promise<DesiredState> {
  return schema.safeParse(await readJsonIfThere(file)).data?.proxy ?? "stopped";
}

/** Milliseconds until what could not be kept is tried again: a disk that was full has room without a word. */
const RETRY_MS = 5000;

export interface DesiredStateStoreDeps {
  /** `wanted.json`. */
  readonly file: string;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly log: Pick<Log, "warn">;
  /** `problem` is another. */
  onProblem(): void;
}

/** Keeps what is wanted. Where that fails, the proxy does as it was told all the same. */
export class DesiredStateStore {
  readonly #deps: DesiredStateStoreDeps;
  #latest: DesiredState | undefined;
  #problem: string | undefined;
  #retry: Timer | undefined;
  #closed = false;

  constructor(deps: DesiredStateStoreDeps) {
    this.#deps = deps;
  }

  /** For a person: what could not be kept, why, and what follows from it. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Never rejects. */
  async keep(proxy: DesiredState): Promise<void> {
    this.#latest = proxy;
    const { file } = this.#deps;
    try {
      await writeWhole(file, `${JSON.stringify({ proxy })}\n`);
      this.#is(undefined);
    } catch (error) {
      const kept = notSaved(`That the proxy is ${proxy === "running" ? "on" : "off"}`, file, error).message;
      this.#is(`${kept} The next start may not find it so.`);
      this.#retryLater();
    }
  }

  /** Nothing is tried again. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
  }

  /** Once more, where it failed. Never rejects. */
  async again(): Promise<void> {
    if (this.#problem !== undefined && this.#latest !== undefined) await this.keep(this.#latest);
  }

  /** Once more, where the file is gone. Never rejects. @param now where nobody has said */
  async rewrite(now: DesiredState): Promise<void> {
    await this.keep(this.#latest ?? now);
  }

  #retryLater(): void {
    this.#retry?.cancel();
    if (!this.#closed) this.#retry = this.#deps.clock.setTimeout(() => void this.again(), RETRY_MS);
  }

  #is(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem !== undefined) this.#deps.log.warn(problem);
    this.#deps.onProblem();
  }
}
