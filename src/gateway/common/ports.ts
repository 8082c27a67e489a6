/**
 * What the gateway needs from whoever hosts it (VS Code or the command line), given in and never
 * imported. Every port may be called at any time and from any request.
 */

/** Secrets by key; VS Code's SecretStorage, or a file of mode 0600. */
export interface SecretStore {
  /** @param options.fresh past whatever is kept in memory: another process may have written it */
  get(key: string, options?: { fresh?: boolean }): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** How to reach the outside. Loopback addresses are never proxied, whatever this says. */
export interface NetworkSettings {
  /** `http://` or `https://` URL of a proxy; absent: direct. */
  readonly proxy?: string;
  /**
   * Instead of a proxy: the variable or setting that names a proxy script (PAC), which is not run; or
   * `"none"`: the person wants no proxy.
   */
  readonly unproxied?: { readonly script: string } | "none";
  /** Value of a `Proxy-Authorization` header. */
  readonly proxyAuthorization?: string;
  /** Host names, `.suffix`es, `host:port` or `*` that go direct. */
  readonly noProxy: readonly string[];
  /** Refuse certificates that do not verify. */
  readonly strictTls: boolean;
  /** Trust the operating system's certificates besides Node's own. */
  readonly systemCertificates: boolean;
}

export interface Network {
  current(): NetworkSettings;
  /** @returns a function that ends the subscription. */
  onChange(listener: () => void): () => void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Leveled lines for a person. Callers never pass secrets or conversation text. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Time, given in so that tests own it. */
export interface Clock {
  /** Milliseconds since 1970, by the wall clock: people and time servers set it, in either direction. */
  now(): number;
  /**
   * Milliseconds since some moment of this process; it never goes back, whatever the wall clock does. On most
   * systems it stands still while the computer sleeps.
   */
  monotonic(): number;
  setTimeout(callback: () => void, milliseconds: number): Timer;
}
export interface Timer {
  cancel(): void;
}

/** Jobs that must not run at the same time, in whichever process. */
export interface Lock {
  /**
   * Runs `job` while nobody else holds `name` (letters, digits and dashes; few of them).
   * @throws PorticoError `unavailable` when it cannot be had in time
   */
  hold<T>(name: string, job: () => Promise<T>): Promise<T>;
}

/** Uniform in [0, 1). */
export type Random = () => number;

export interface Ports {
  log: Log;
  secrets: SecretStore;
  network: Network;
  clock: Clock;
  random: Random;
  /** Absent: nobody else has these secrets. */
  lock?: Lock;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, milliseconds) {
    const timer = setTimeout(callback, milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};

export const directNetwork: Network = {
  current: () => ({ noProxy: [], strictTls: true, systemCertificates: true }),
  onChange: () => () => {},
};
