/** A failure in a provider's words, without the credential that it answers to. */
import type { AccountKey } from "../../providers/account.ts";
import type { AttemptFailure, AttemptResult } from "../../upstream/relay/result.ts";
import { bytesCleaner, withoutShown } from "../../upstream/shownSecrets.ts";

/** The same result; where the provider's words hold a credential of `key`, they are cleaned. */
export function withoutCredential<Result extends AttemptResult>(
  result: Result,
  key: AccountKey | undefined,
): Result {
  if (result.kind === "trouble") return { ...result, trouble: cleaned(result.trouble, key) };
  const { broken, brokenBy } = result;
  if (broken === undefined) return result;
  return {
    ...result,
    broken: { ...broken, message: withoutShown(broken.message, key) },
    ...(brokenBy === undefined ? {} : { brokenBy: cleaned(brokenBy, key) }),
  };
}

function cleaned(trouble: AttemptFailure, key: AccountKey | undefined): AttemptFailure {
  switch (trouble.kind) {
    case "network":
      return trouble;
    case "redirect":
      return { ...trouble, to: withoutShown(trouble.to, key) };
    case "chat": {
      const { error } = trouble;
      return { ...trouble, error: { ...error, message: withoutShown(error.message, key) } };
    }
    case "reply":
      return { ...trouble, body: bytesCleaner(key)(trouble.body) };
  }
}
