/** Asks before accounts are removed, and says what is lost. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../../control/accounts.ts";
import { ActionDialog } from "../../components/Dialog.tsx";
import { query, setQuery } from "../../state/route.ts";
import { accountCount } from "./labels.ts";
import { bulk } from "./work.ts";

const MOST_SHOWN = 8;

export function RemoveAccounts(props: {
  chosen: readonly ListedAccount[];
  onRemoved(): void;
  onClose(): void;
}) {
  const doable = props.chosen.filter(({ readOnly }) => !readOnly);
  const [only] = doable;
  const one = doable.length === 1 ? only : undefined;
  return (
    <ActionDialog
      title={one === undefined ? t("Remove {0}?", accountCount(doable.length)) : t("Remove {0}?", one.label)}
      action={t("Remove")}
      danger
      onClose={props.onClose}
      run={async () => {
        await bulk("remove", props.chosen);
        if (doable.some(({ id }) => id === query.peek().id)) setQuery({ id: undefined });
        props.onRemoved();
      }}
    >
      {one === undefined && (
        <p>
          {doable
            .slice(0, MOST_SHOWN)
            .map(({ label }) => label)
            .join(", ")}
          {doable.length > MOST_SHOWN && ` ${t("and {0} more", doable.length - MOST_SHOWN)}`}
        </p>
      )}
      <ul class="bullets">
        {doable.some(({ credential }) => credential !== "none") && (
          <li>
            {doable.some(({ credential }) => credential === "google" || credential === "openrouter")
              ? t(
                  "Keys and sign-ins are deleted from this computer and cannot be brought back. The provider still knows them.",
                )
              : t(
                  "Its key is deleted from this computer and cannot be brought back. The provider still knows the key.",
                )}
          </li>
        )}
        <li>{t("Routes that name it lead nowhere until they are changed.")}</li>
        <li>{t("What was recorded of its requests stays.")}</li>
      </ul>
      {doable.length < props.chosen.length && (
        <p class="muted">
          {t("{0} set in the config file stay.", accountCount(props.chosen.length - doable.length))}
        </p>
      )}
    </ActionDialog>
  );
}
