/** Sign-in with Google by the person's own OAuth client (type "Desktop app"). */
import * as oauth from "oauth4webapi";
import { PorticoError } from "../../../common/errors.ts";
import { compact } from "../../../common/json.ts";
import type { GoogleOAuth } from "../credential.ts";
import { type GoogleEndpoints, type GoogleProvider, IDENTITY_SCOPES, SCOPES } from "../google.ts";
import { GrantRefused, type Grants, type OAuthClient, type Tokens } from "../grants.ts";
import { type Flow, SignInFailed, unreached } from "./flow.ts";

const PATH = "/callback";

export interface GoogleSignIn {
  readonly provider: GoogleProvider;
  readonly client: OAuthClient;
  readonly quotaProject?: string | undefined;
  /** The address to offer first, where it is known. */
  readonly email?: string | undefined;
}

export function googleFlow(
  { provider, client, quotaProject, email }: GoogleSignIn,
  google: GoogleEndpoints,
  grants: Grants,
): Flow {
  const scopes = SCOPES[provider];
  return {
    label: "Google",
    host: "127.0.0.1",
    path: () => PATH,
    authorizationUrl(redirectUri, { state, challenge }) {
      const url = new URL(google.authorizationUrl);
      const parameters = {
        client_id: client.clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: [...scopes, ...IDENTITY_SCOPES].join(" "),
        state,
        code_challenge: challenge,
        code_challenge_method: "S256",
        // Only so does a refresh token come, also the second time.
        access_type: "offline",
        prompt: "consent",
        ...(email === undefined ? {} : { login_hint: email }),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async finish(callback, redirectUri, { state, verifier }, signal) {
      if (callback.searchParams.get("state") !== state) {
        throw new SignInFailed(
          "wrong-state",
          'This answer belongs to another sign-in (its "state" differs). Start again from Portico and use the tab that it opens.',
        );
      }
      const tokens = await exchanged(grants, signal, {
        client,
        callback: checked(grants, client, callback, state),
        redirectUri,
        verifier,
      });
      return credentialOf(tokens, scopes, client, quotaProject);
    },
  };
}

function checked(grants: Grants, client: OAuthClient, callback: URL, state: string): URLSearchParams {
  try {
    return oauth.validateAuthResponse(grants.server, { client_id: client.clientId }, callback, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      const { error: code, error_description: description } = error;
      const words = (description === undefined ? code : `${code}: ${description}`).slice(0, 1000);
      if (code === "access_denied") {
        throw new SignInFailed(
          "denied",
          `Google says that the sign-in was not allowed (${words}). Nothing was added. While the consent screen is in "Testing", only its test users may sign in.`,
        );
      }
      throw new SignInFailed("refused", `Google refused the sign-in (${words}).`);
    }
    throw new SignInFailed("refused", "What came back from Google is no answer to a sign-in.");
  }
}

async function exchanged(
  grants: Grants,
  signal: AbortSignal,
  exchange: Parameters<Grants["exchangeCode"]>[0],
): Promise<Tokens> {
  try {
    return await grants.exchangeCode(exchange, signal);
  } catch (error) {
    if (error instanceof GrantRefused) {
      const late =
        error.code === "invalid_grant"
          ? " The code may have been too old or used before: sign in again."
          : "";
      throw new SignInFailed("refused", `Google refused the sign-in (${error.message}).${late}`);
    }
    throw error instanceof PorticoError ? unreached(error) : error;
  }
}

function credentialOf(
  { refreshToken, scopes: granted, accessToken, expiresAt, renewAt, email }: Tokens,
  wanted: readonly string[],
  client: OAuthClient,
  quotaProject: string | undefined,
): GoogleOAuth {
  const missing = granted.length === 0 ? [] : wanted.filter((scope) => !granted.includes(scope));
  if (missing.length > 0) {
    throw new SignInFailed(
      "denied",
      `Not everything that is needed was allowed (missing: ${missing.join(", ")}). Sign in again and leave all boxes ticked.`,
    );
  }
  if (refreshToken === undefined) {
    throw new SignInFailed(
      "refused",
      'Google sent no refresh token, so the sign-in would end within the hour. The OAuth client has to be of type "Desktop app".',
    );
  }
  const scopes = [...(granted.length === 0 ? wanted : granted)];
  const tokens = { refreshToken, accessToken, expiresAt, renewAt, scopes };
  const whose = compact({ ...client, quotaProject, email });
  return { kind: "googleOAuth", signedInHere: true, ...whose, ...tokens };
}
