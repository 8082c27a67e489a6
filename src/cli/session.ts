/**
 * What a command asks: the gateway that runs, or, where none does, a quiet one on the data folder that
 * opens no port and is gone with the command.
 */
import type { EventName, Events, Method, Params, Result } from "../control/contract.ts";
import type { Environment } from "../gateway/config/load.ts";

/** Milliseconds for one question, unless it says otherwise; the real calls to providers have shorter times of their own. */
export const CALL_MS = 120_000;

export interface Session extends AsyncDisposable {
  /** Absent: nobody runs, and this works on the data folder. */
  readonly running: { readonly pid: number; readonly version: string } | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** @throws ControlError or PorticoError, whose messages are for a person */
  call<M extends Method>(method: M, params: Params<M>, timeoutMs?: number): Promise<Result<M>>;
}

export interface ConnectOptions {
  /** As on the command line. */
  readonly dataDir: string | undefined;
  /** A config file whose accounts count as well, where nobody runs. */
  readonly config?: string | undefined;
  readonly env: Environment;
  /** Lines of the quiet one's log. */
  readonly write: (line: string) => void;
  /** Milliseconds that a running one may take to answer at all. */
  readonly waitMs?: number;
  onEvent?<E extends EventName>(event: E, data: Events[E]): void;
  /** The running one went away. */
  onClose?(): void;
}
