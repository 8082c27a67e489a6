/** Connected tools that a change of port or key has cut off, brought up to date by one click. */
import { t } from "@vscode/l10n";
import type { ClientState, ClientWish } from "../../../control/clients.ts";
import { Button } from "../../components/Button.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { toast } from "../../components/Toast.tsx";
import { useAction } from "../../state/action.ts";
import { call } from "../../transport.ts";

/** Nothing is written before the click, and then but the address and the key that Portico wrote. */
export function Outdated(props: { clients: readonly ClientState[]; onChange(): unknown }) {
  const outdated = props.clients.filter((each) => each.outdated !== undefined);
  const update = useAction(async () => {
    try {
      for (const { id } of outdated) {
        const wish: ClientWish = { id, to: "update" };
        const { seen } = await call("clients.preview", wish);
        await call("clients.apply", { wish, seen });
      }
      toast(t("All of them are up to date."));
    } finally {
      // Also where the second of three could not be written.
      await props.onChange();
    }
  });
  if (outdated.length === 0) return <Failure message={update.problem} />;
  return (
    <Problem
      tone="warn"
      title={t("These tools are connected to what Portico no longer is")}
      actions={
        <Button kind="primary" busy={update.busy} onClick={() => update.run()}>
          {t("Bring up to date")}
        </Button>
      }
    >
      <ul>
        {outdated.map((client) => (
          <li key={client.id}>
            <span class="strong">{client.label}</span>: {outdatedWords(client)}{" "}
            <span class="muted mono">{client.files.join(", ")}</span>
          </li>
        ))}
      </ul>
      <p>{t("Only the address and the key are written that Portico has put there.")}</p>
      <Failure message={update.problem} />
    </Problem>
  );
}

/** @returns `""` for one that is not cut off */
export function outdatedWords({ outdated, baseUrl = "" }: ClientState): string {
  if (outdated === undefined) return "";
  if (outdated === "key") return t("Connected with a key that is no longer taken");
  return t("Connected to {0}, where Portico is no longer", baseUrl);
}
