/** What is exchanged for access tokens at Google's token endpoint. */
import { sign } from "node:crypto";
import * as oauth from "oauth4webapi";
import * as z from "zod";
import { PorticoError } from "../../common/errors.ts";
import { fieldsOf, parseJson } from "../../common/json.ts";
import type { Clock } from "../../common/ports.ts";
import { isLoopback } from "../../upstream/agents.ts";
import type { GoogleOAuth, ServiceAccount, TokenCredential } from "./credential.ts";
import type { GoogleEndpoints } from "./google.ts";
import type { OAuthFetch, OAuthFetchCall } from "./oauthFetch.ts";

/** The provider answered and said no. `message` holds its own words. */
export class GrantRefused extends Error {
  override readonly name = "GrantRefused";
  /** `invalid_grant` and the like. https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
  readonly code: string;
  /** A person has to do something; else it may pass by itself. */
  readonly final: boolean;

  constructor(code: string, message: string, final: boolean) {
    super(message);
    this.code = code;
    this.final = final;
  }
}

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret?: string;
}

export interface Tokens {
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly renewAt: number;
  readonly refreshToken: string | undefined;
  /** As granted; empty where the provider did not say. */
  readonly scopes: readonly string[];
  readonly email: string | undefined;
}

export interface CodeExchange {
  readonly client: OAuthClient;
  /** What the redirect brought; checked already. */
  readonly callback: URLSearchParams;
  readonly redirectUri: string;
  readonly verifier: string;
}

/** Milliseconds: a token is renewed this long before it ends, or after nine tenths of its time. */
const SKEW_MS = 5 * 60_000;
/** Milliseconds a token lasts whose end the provider does not tell. */
const UNTOLD_MS = 30 * 60_000;
/** https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** All reject with `GrantRefused`, or a `PorticoError` where no sensible answer came. */
export interface Grants {
  readonly server: oauth.AuthorizationServer;
  exchangeCode(exchange: CodeExchange, signal?: AbortSignal): Promise<Tokens>;
  /** Sent once and never again, whatever comes of it. @param proxy the account's own */
  renew(credential: TokenCredential, proxy?: string): Promise<Tokens>;
  /** Ends a sign-in for good. https://www.rfc-editor.org/rfc/rfc7009 */
  revoke(credential: GoogleOAuth, proxy?: string): Promise<void>;
}

export function createGrants(google: GoogleEndpoints, fetch: OAuthFetch, clock: Pick<Clock, "now">): Grants {
  const server: oauth.AuthorizationServer = {
    issuer: google.issuer,
    authorization_endpoint: google.authorizationUrl,
    token_endpoint: google.tokenUrl,
    revocation_endpoint: google.revocationUrl,
  };
  const options = (call: OAuthFetchCall) => ({
    // https alone, but for a server on this computer.
    [oauth.allowInsecureRequests]: isLoopback(new URL(google.tokenUrl).hostname),
    [oauth.customFetch]: async (
      url: string,
      { method, headers, body }: oauth.CustomFetchOptions<"POST", URLSearchParams>,
    ) => fetch(url, { method, headers, body: String(body) }, call),
  });

  async function tokensOf(client: oauth.Client, asked: Promise<Response>): Promise<Tokens> {
    try {
      const { response, email } = await withoutIdToken(await asked);
      const reply = await oauth.processGenericTokenEndpointResponse(server, client, response);
      const lifetime = reply.expires_in === undefined ? UNTOLD_MS : reply.expires_in * 1000;
      const now = clock.now();
      return {
        accessToken: reply.access_token,
        expiresAt: now + lifetime,
        renewAt: now + Math.max(lifetime - SKEW_MS, lifetime * 0.9),
        refreshToken: reply.refresh_token,
        scopes: reply.scope?.split(" ").filter((scope) => scope !== "") ?? [],
        email,
      };
    } catch (error) {
      throw explained(error, new URL(google.tokenUrl).host);
    }
  }

  return {
    server,
    exchangeCode({ client, callback, redirectUri, verifier }, signal) {
      const known = { client_id: client.clientId };
      return tokensOf(
        known,
        oauth.authorizationCodeGrantRequest(
          server,
          known,
          authentication(client),
          callback,
          redirectUri,
          verifier,
          options({ signal }),
        ),
      );
    },
    async renew(credential, proxy) {
      if (credential.kind === "serviceAccount") {
        const known = { client_id: credential.json.client_email };
        const parameters = { assertion: assertionOf(credential, google.tokenUrl, clock.now()) };
        const asked = oauth.genericTokenEndpointRequest(
          server,
          known,
          withoutClient,
          JWT_BEARER,
          parameters,
          options({ proxy }),
        );
        return tokensOf(known, asked);
      }
      const known = { client_id: credential.clientId };
      const { refreshToken } = credential;
      const asked = oauth.refreshTokenGrantRequest(
        server,
        known,
        authentication(credential),
        refreshToken,
        options({ proxy }),
      );
      return tokensOf(known, asked);
    },
    async revoke(credential, proxy) {
      const client = authentication(credential);
      const known = { client_id: credential.clientId };
      try {
        const asked = oauth.revocationRequest(
          server,
          known,
          client,
          credential.refreshToken,
          options({ proxy }),
        );
        await oauth.processRevocationResponse(await asked);
      } catch (error) {
        // It had ended before.
        if (error instanceof oauth.ResponseBodyError && error.error === "invalid_token") return;
        throw explained(error, new URL(google.revocationUrl).host);
      }
    },
  };
}

/** With what was granted in it. A reply without a refresh token leaves the one there is. */
export function withTokens<C extends TokenCredential>(credential: C, tokens: Tokens): C {
  const { accessToken, expiresAt, renewAt, refreshToken } = tokens;
  const renewed = { ...credential, accessToken, expiresAt, renewAt };
  if (credential.kind !== "googleOAuth" || refreshToken === undefined) return renewed;
  const rotates = refreshToken === credential.refreshToken ? {} : { rotates: true as const };
  return { ...renewed, refreshToken, ...rotates };
}

/** A desktop client's secret is no secret, says Google, but its token endpoint wants it. */
function authentication({ clientSecret }: Pick<GoogleOAuth, "clientSecret">): oauth.ClientAuth {
  return clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret);
}

/** The assertion alone says who asks. https://www.rfc-editor.org/rfc/rfc7523#section-2.1 */
const withoutClient: oauth.ClientAuth = () => {};

function assertionOf({ json, scopes }: ServiceAccount, audience: string, now: number): string {
  const issued = Math.floor(now / 1000);
  const { client_email, private_key, private_key_id } = json;
  const head = { alg: "RS256", typ: "JWT", ...(private_key_id === undefined ? {} : { kid: private_key_id }) };
  const claims = {
    iss: client_email,
    scope: scopes.join(" "),
    aud: audience,
    iat: issued,
    exp: issued + 3600,
  };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  try {
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), private_key).toString("base64url")}`;
  } catch (error) {
    throw new GrantRefused(
      "invalid_key",
      `The private key of ${client_email} cannot be used to sign (${error instanceof Error && "code" in error ? String(error.code) : "not a key"}).`,
      true,
    );
  }
}

const idTokenSchema = z.object({ email: z.string().max(320) });

/**
 * Takes the id token out: all we want of it is a name for the account, and a computer whose clock is
 * wrong must not lose a rotated token over its dates.
 */
async function withoutIdToken(
  response: Response,
): Promise<{ response: Response; email: string | undefined }> {
  if (response.status !== 200) return { response, email: undefined };
  const text = await response.text();
  const { status, headers } = response;
  const { id_token, ...rest } = fieldsOf(parseJson(text));
  const kept = id_token === undefined ? text : JSON.stringify(rest);
  return { response: new Response(kept, { status, headers }), email: emailIn(id_token) };
}

function emailIn(idToken: unknown): string | undefined {
  const payload = typeof idToken === "string" ? idToken.split(".")[1] : undefined;
  if (payload === undefined) return undefined;
  return idTokenSchema.safeParse(parseJson(Buffer.from(payload, "base64url").toString("utf8"))).data?.email;
}

/** In the provider's own words where it gave any. */
function explained(error: unknown, host: string): unknown {
  if (error instanceof oauth.ResponseBodyError) {
    const { status, error: code, error_description: description } = error;
    const words = description === undefined ? code : `${code}: ${description}`;
    return new GrantRefused(code, words.slice(0, 1000), status < 500 && status !== 429 && status !== 408);
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const status = error.cause instanceof Response ? ` with status ${error.cause.status}` : "";
    // Without its cause, which may hold tokens.
    return new PorticoError("upstream", `${host} answered${status} in a way that makes no sense here.`);
  }
  return error;
}
