/** A failure in a provider's words, without the credential that it answers to. */
import type { AccountKey } from "../../providers/account.ts";
import type { AttemptFailure, AttemptResult } from "../../upstream/relay/result.ts";
import { bytesCleaner, withoutShown } from "../../upstream/shownSecrets.ts";

/** The same result; where the provider's words hold a credential of `key`, they are cleaned. */
export function withoutCredential<Result extends AttemptResult>(
  result: Result,
  key: AccountKey | undefined,
): Result {
  if (result.kind === "failed") return { ...result, cause: cleaned(result.cause, key) };
  const { broken, brokenBy } = result;
  if (broken === undefined) return result;
  return {
    ...result,
    broken: { ...broken, message: withoutShown(broken.message, key) },
    ...(brokenBy === undefined ? {} : { brokenBy: cleaned(brokenBy, key) }),
  };
}

function cleaned(cause: AttemptFailure, key: AccountKey | undefined): AttemptFailure {
  switch (cause.kind) {
    case "network":
      return cause;
    case "redirect":
      return { ...cause, to: withoutShown(cause.to, key) };
    case "chat": {
      const { error } = cause;
      return { ...cause, error: { ...error, message: withoutShown(error.message, key) } };
    }
    case "reply":
      return { ...cause, body: bytesCleaner(key)(cause.body) };
  }
}
