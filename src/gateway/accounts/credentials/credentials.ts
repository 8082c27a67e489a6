/** The credentials of a gateway, with their own way out: stopping the proxy cuts no renewal. */
import { type Ports, systemClock } from "../../common/ports.ts";
import { sleep } from "../../common/sleep.ts";
import { Agents } from "../../upstream/agents.ts";
import { GOOGLE, type GoogleEndpoints } from "./google.ts";
import { createGrants, type Grants } from "./grants.ts";
import { localLock } from "./lock.ts";
import { createOAuthFetch, type OAuthFetch } from "./oauthFetch.ts";
import { OPENROUTER, type OpenRouterEndpoints } from "./signIn/openrouter.ts";
import { createCredentialStore } from "./store.ts";
import { AccountTokens } from "./tokens.ts";

export interface CredentialsOptions {
  readonly google?: GoogleEndpoints;
  readonly openrouter?: OpenRouterEndpoints;
  /** Milliseconds for one exchange with an authorization server. */
  readonly deadlineMs?: number;
}

export interface Credentials {
  readonly tokens: AccountTokens;
  readonly grants: Grants;
  readonly fetch: OAuthFetch;
  readonly google: GoogleEndpoints;
  readonly openrouter: OpenRouterEndpoints;
  /** Waits for renewals under way: cut off, a rotated token would be lost. */
  settled(withinMs: number): Promise<void>;
}

/** Milliseconds to connect. */
const CONNECT_MS = 10_000;

export function createCredentials(ports: Ports, options: CredentialsOptions = {}): Credentials {
  const { google = GOOGLE, openrouter = OPENROUTER, deadlineMs } = options;
  const { clock, log, secrets, network, lock = localLock() } = ports;
  const agents = new Agents(network, { connectTimeoutMs: CONNECT_MS });
  const fetch = createOAuthFetch({ agents, clock, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
  const grants = createGrants(google, fetch, clock);
  const tokens = new AccountTokens({ store: createCredentialStore(secrets), lock, grants, clock, log });
  return {
    tokens,
    grants,
    fetch,
    google,
    openrouter,
    async settled(withinMs) {
      const done = new AbortController();
      const all = tokens.settled().finally(() => done.abort());
      await Promise.race([all, sleep(withinMs, systemClock, done.signal)]);
    },
  };
}
