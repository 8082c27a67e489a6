/** A failure in a provider's words, without the credential that it answers to. */
import type { AccountKey } from "../accounts/account.ts";
import type { LaneResult } from "./lane.ts";
import { bytesCleaner, withoutShown } from "./shownSecrets.ts";

/** The same result; where the provider's words hold a credential of `key`, they are cleaned. */
export function withoutCredential<Result extends LaneResult>(
  result: Result,
  key: AccountKey | undefined,
): Result {
  if (result.kind === "done") {
    if (result.broken === undefined) return result;
    const message = withoutShown(result.broken.message, key);
    return { ...result, broken: { ...result.broken, message } };
  }
  const { trouble } = result;
  switch (trouble.kind) {
    case "network":
      return result;
    case "chat": {
      const { error } = trouble;
      return {
        ...result,
        trouble: { ...trouble, error: { ...error, message: withoutShown(error.message, key) } },
      };
    }
    case "reply": {
      const body = bytesCleaner(key)(trouble.body);
      return body === trouble.body ? result : { ...result, trouble: { ...trouble, body } };
    }
  }
}
