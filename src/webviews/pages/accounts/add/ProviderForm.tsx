/** The second question: which credential. One form for each. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { LocalServer, ProviderView } from "../../../../control/contract.ts";
import { Choice } from "../../../components/Choice.tsx";
import { call } from "../../../transport.ts";
import { SignIn } from "../SignIn.tsx";
import { GoogleSignIn } from "./GoogleSignIn.tsx";
import { KeyForm } from "./KeyForm.tsx";
import { TokensForm } from "./TokensForm.tsx";
import { type Added, addedOf, type Way, wayLabel, waysOf } from "./ways.ts";

export interface FormProps {
  provider: ProviderView;
  onDone(added: Added): void;
  /** It must not be closed by accident. */
  onBusy(busy: boolean): void;
}

export function ProviderForm({ server, ...props }: FormProps & { server: LocalServer | undefined }) {
  const { provider } = props;
  const ways = waysOf(provider.id);
  const [way, setWay] = useState<Way>(ways[0] ?? "key");
  const [busy, setBusy] = useState(false);
  const shared = {
    ...props,
    onBusy: (now: boolean) => {
      setBusy(now);
      props.onBusy(now);
    },
  };
  return (
    <>
      {ways.length > 1 && (
        <Choice<Way>
          label={t("How do you want to add it?")}
          value={way}
          disabled={busy}
          options={ways.map((each) => ({ value: each, ...wayLabel(each) }))}
          onChange={(value) => setWay(value)}
        />
      )}
      {way === "key" && <KeyForm {...shared} server={server} />}
      {way === "google" && <GoogleSignIn {...shared} />}
      {way === "openrouter" && (
        <SignIn
          who="OpenRouter"
          action={t("Sign in with OpenRouter")}
          start={() => call("accounts.signIn.openrouter", {})}
          onBusy={shared.onBusy}
          onDone={(result) => props.onDone(addedOf([{ place: "", ...result }]))}
        />
      )}
      {(way === "tokens" || way === "file") && <TokensForm key={way} {...shared} file={way === "file"} />}
    </>
  );
}
