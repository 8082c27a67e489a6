/** What an account is to be when its credential comes from elsewhere than a person's hand. */
import type { AccountDraft } from "../../../control/credentials.ts";
import { badRequest } from "../../common/errors.ts";
import { isProviderId, PROVIDERS } from "../../providers/providers.ts";
import { type Credential, ownerOf } from "./credential.ts";
import { type GoogleProvider, isGoogleProvider, vertexBase } from "./google.ts";

/** @throws PorticoError `invalid_request` */
export function googleProviderOf(provider: string): GoogleProvider {
  if (isGoogleProvider(provider)) return provider;
  const label = isProviderId(provider) ? PROVIDERS[provider].label : provider;
  throw badRequest(`${label} takes no sign-in with Google.`, "account.provider");
}

/**
 * With a label that tells whose it is, and where it is, as far as the draft leaves that open.
 * @param project the Google Cloud project that the credential names
 */
export function withDefaults(
  draft: AccountDraft,
  credential: Credential,
  project: string | undefined,
): AccountDraft {
  const label = draft.label ?? ownerOf(credential)?.slice(0, 100);
  const bare = draft.provider === "vertex" && Object.keys(draft.endpoints ?? {}).length === 0;
  return {
    ...draft,
    ...(label === undefined ? {} : { label }),
    ...(bare && project !== undefined ? { endpoints: { gemini: vertexBase(project) } } : {}),
  };
}

/** @returns what is missing, for a person */
export function missingAddress({ provider, endpoints }: AccountDraft): string | undefined {
  if (provider !== "vertex" || Object.keys(endpoints ?? {}).length > 0) return undefined;
  return "Vertex AI needs a Google Cloud project: name one, or give the account's endpoint.";
}
