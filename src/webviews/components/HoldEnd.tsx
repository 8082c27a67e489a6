/** When a hold ends: as the provider stated it, else when the account is asked again. */
import { t } from "@vscode/l10n";
import type { AccountHold } from "../../control/accounts.ts";
import { holdEnd } from "../../control/holds.ts";
import { Countdown } from "./Countdown.tsx";

export function HoldEnd({ hold }: { hold: AccountHold }) {
  const end = holdEnd(hold);
  if (end === undefined) return null;
  // A limit of which nobody says when it ends may well be there when the account is asked again.
  const guessed = hold.condition === "exhausted" && !end.stated;
  return (
    <Countdown
      until={end.at}
      words={(time) => (guessed ? t("asked again in {0}", time) : t("ready in {0}", time))}
    />
  );
}
