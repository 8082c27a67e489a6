/** What a person reads when a provider no longer takes a sign-in, and what to do. */
import type { TokenCredential } from "./credential.ts";
import { TESTING_NOTE } from "./google.ts";
import type { GrantRefused } from "./grants.ts";

/** For sign-ins that another tool made. */
export const FOREIGN_CLIENT =
  'It came from the file of another tool. Sign in there again ("gcloud auth application-default login") and add the new file, or sign in here with an OAuth client of your own.';

/** https://developers.google.com/identity/protocols/oauth2/native-app#error-codes */
export function refusedMessage(
  label: string,
  credential: TokenCredential,
  { code, message }: Pick<GrantRefused, "code" | "message">,
): string {
  const refused = `Google refuses the sign-in of "${label}" (${message}).`;
  if (credential.kind === "serviceAccount") {
    return `${refused} See whether the service account and its key still exist and this computer's clock is right, then add the account again with a new key.`;
  }
  if (credential.foreignClient === true) return `${refused} ${FOREIGN_CLIENT}`;
  switch (code) {
    case "invalid_grant":
      return `${refused} Sign in again. ${TESTING_NOTE}`;
    case "invalid_client":
    case "unauthorized_client":
    case "deleted_client":
    case "disabled_client":
      return `${refused} The OAuth client is not accepted: see whether it still exists at https://console.cloud.google.com/auth/clients and its secret is right, then sign in again with it.`;
    default:
      return `${refused} Sign in again.`;
  }
}
