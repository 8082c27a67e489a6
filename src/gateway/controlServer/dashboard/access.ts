/**
 * Who may open the dashboard in a browser: a code of one use, printed where only its owner reads it, is
 * exchanged for a session. Both are kept in memory only, as digests.
 */
import { createHash, randomBytes } from "node:crypto";
import { setLatest } from "../../common/latest.ts";
import type { Clock } from "../../common/ports.ts";

/** Milliseconds in which a code can be used. */
export const CODE_MS = 10 * 60_000;
/** Milliseconds without a request or an open page after which a session ends. */
export const IDLE_MS = 12 * 3_600_000;
/** Codes that are not good, in so many milliseconds; then none is looked at. */
export const MAX_TRIES = 20;
export const TRIES_MS = 60_000;
/** The oldest unused code goes first. */
export const MAX_CODES = 16;
/** The session that was used longest ago goes first. */
export const MAX_SESSIONS = 32;

export interface Session {
  /** An open page keeps it alive; call what comes back when the page is gone. */
  hold(): () => void;
}

interface Kept extends Session {
  usedAt: number;
  held: number;
}

export interface AccessOptions {
  clock: Pick<Clock, "now">;
  /** `bytes` random bytes; the system's by default. */
  random?: (bytes: number) => Buffer;
}

export class DashboardAccess {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: (bytes: number) => Buffer;
  /** Digest -> when it was made. */
  readonly #codes = new Map<string, number>();
  /** When codes were tried that are not good. */
  #tries: number[] = [];
  /** Digest -> session, the one used longest ago first. */
  readonly #sessions = new Map<string, Kept>();

  constructor({ clock, random = randomBytes }: AccessOptions) {
    this.#clock = clock;
    this.#random = random;
  }

  newCode(): string {
    const code = this.#secret();
    setLatest(this.#codes, digest(code), this.#clock.now(), MAX_CODES);
    return code;
  }

  /** Too many were not good lately: somebody guesses. */
  limited(): boolean {
    const since = this.#clock.now() - TRIES_MS;
    this.#tries = this.#tries.filter((time) => time > since);
    return this.#tries.length >= MAX_TRIES;
  }

  /** @returns a new session's cookie value; `undefined`: the code is unknown, used or too old. */
  redeem(code: string): string | undefined {
    const key = digest(code);
    const madeAt = this.#codes.get(key);
    this.#codes.delete(key);
    if (madeAt === undefined || this.#clock.now() - madeAt >= CODE_MS) {
      this.#tries.push(this.#clock.now());
      return undefined;
    }
    const value = this.#secret();
    const session: Kept = {
      usedAt: this.#clock.now(),
      held: 0,
      hold: () => {
        let holding = true;
        session.held += 1;
        return () => {
          if (!holding) return;
          holding = false;
          session.held -= 1;
          session.usedAt = this.#clock.now();
        };
      },
    };
    setLatest(this.#sessions, digest(value), session, MAX_SESSIONS);
    return value;
  }

  /** The session that a cookie's value stands for; it counts as used now. */
  session(value: string): Session | undefined {
    const key = digest(value);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    this.#sessions.delete(key);
    const now = this.#clock.now();
    if (session.held === 0 && now - session.usedAt >= IDLE_MS) return undefined;
    session.usedAt = now;
    this.#sessions.set(key, session);
    return session;
  }

  #secret(): string {
    return this.#random(32).toString("base64url");
  }
}

/** Looking up a digest takes time that tells nothing about the secret. */
function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
