/**
 * Sign-in with OpenRouter: PKCE without a registered client. What the code is exchanged for is a
 * permanent API key in plain JSON, not a token. https://openrouter.ai/docs/guides/overview/auth/oauth
 */
import * as z from "zod";
import { PorticoError } from "../../../common/errors.ts";
import type { ApiKeyCredential } from "../credential.ts";
import type { OAuthFetch } from "../oauthFetch.ts";
import { type Flow, SignInFailed, unreached } from "./flow.ts";

export interface OpenRouterEndpoints {
  readonly authorizationUrl: string;
  readonly keysUrl: string;
}

export const OPENROUTER: OpenRouterEndpoints = {
  authorizationUrl: "https://openrouter.ai/auth",
  keysUrl: "https://openrouter.ai/api/v1/auth/keys",
};

const keySchema = z.object({ key: z.string().min(8).max(10_000) });
const errorSchema = z.object({
  error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]),
});

export function openRouterFlow(openrouter: OpenRouterEndpoints, fetch: OAuthFetch): Flow {
  return {
    label: "OpenRouter",
    // It takes no other loopback host.
    host: "localhost",
    // It hands back no `state`, but comes back to the very path that it was told.
    path: ({ state }) => `/callback/${state}`,
    authorizationUrl(redirectUri, { challenge }) {
      const url = new URL(openrouter.authorizationUrl);
      url.searchParams.set("callback_url", redirectUri);
      url.searchParams.set("code_challenge", challenge);
      url.searchParams.set("code_challenge_method", "S256");
      return url.href;
    },
    async finish(callback, _redirectUri, { state, verifier }, signal) {
      if (callback.pathname !== `/callback/${state}`) {
        throw new SignInFailed(
          "wrong-state",
          "This answer belongs to another sign-in. Start again from Portico and use the tab that it opens.",
        );
      }
      const code = callback.searchParams.get("code");
      if (code === null || code === "") {
        const error = callback.searchParams.get("error") ?? "no code came back";
        const words = callback.searchParams.get("error_description");
        const all = (words === null ? error : `${error}: ${words}`).slice(0, 1000);
        throw new SignInFailed("denied", `OpenRouter did not allow the sign-in (${all}). Nothing was added.`);
      }
      return keyFor(code, verifier, openrouter, fetch, signal);
    },
  };
}

async function keyFor(
  code: string,
  verifier: string,
  { keysUrl }: OpenRouterEndpoints,
  fetch: OAuthFetch,
  signal: AbortSignal,
): Promise<ApiKeyCredential> {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ code, code_verifier: verifier, code_challenge_method: "S256" }),
  } as const;
  let response: Response;
  try {
    response = await fetch(keysUrl, request, { signal });
  } catch (error) {
    throw error instanceof PorticoError ? unreached(error) : error;
  }
  const json = await response.json().catch(() => undefined);
  const found = keySchema.safeParse(json);
  if (response.ok && found.success) return { kind: "apiKey", apiKey: found.data.key };
  const words = errorSchema.safeParse(json).data?.error ?? `status ${response.status}`;
  throw new SignInFailed(
    "refused",
    `OpenRouter refused the sign-in (${words.slice(0, 1000)}). The code may have been too old or used before: sign in again.`,
  );
}
