/** What differs between providers in a sign-in by browser. */
import type { PorticoError } from "../../../common/errors.ts";
import type { Credential } from "../credential.ts";

/** Why no sign-in came of it. */
export type SignInReason =
  | "denied"
  | "refused"
  | "wrong-state"
  | "timeout"
  | "cancelled"
  | "unreachable"
  | "other";

/** Ends a sign-in. `message` is for a person and holds the provider's own words. */
export class SignInFailed extends Error {
  override readonly name = "SignInFailed";
  readonly reason: SignInReason;

  constructor(reason: SignInReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Of a provider that could not be asked. */
export function unreached({ kind, message }: PorticoError): SignInFailed {
  const reason = kind === "timeout" ? "timeout" : "unreachable";
  return new SignInFailed(reason, `The sign-in could not be completed: ${message}`);
}

/** Made anew for each sign-in, and known to nobody else. */
export interface Secrets {
  readonly state: string;
  /** PKCE. https://www.rfc-editor.org/rfc/rfc7636 */
  readonly verifier: string;
  readonly challenge: string;
}

export interface Flow {
  /** The provider, for a person. */
  readonly label: string;
  /** The host that the provider wants in the redirect. */
  readonly host: "127.0.0.1" | "localhost";
  /** Path of the redirect. */
  path(secrets: Secrets): string;
  /** Where the person's browser goes. */
  authorizationUrl(redirectUri: string, secrets: Secrets): string;
  /**
   * Turns what came back into a credential.
   * @throws SignInFailed
   */
  finish(callback: URL, redirectUri: string, secrets: Secrets, signal: AbortSignal): Promise<Credential>;
}
