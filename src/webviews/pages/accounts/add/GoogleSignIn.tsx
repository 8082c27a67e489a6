/** The form that adds an account by signing in with Google. */
import { t } from "@vscode/l10n";
import { Problem } from "../../../components/Message.tsx";
import { call } from "../../../transport.ts";
import { SignIn } from "../SignIn.tsx";
import { GoogleClientFields, ProjectField, useGoogleFields } from "./GoogleClient.tsx";
import type { FormProps } from "./ProviderForm.tsx";
import { addedOf } from "./ways.ts";

/** A sign-in with the person's own client; says beforehand how long one of a client in testing lasts. */
export function GoogleSignIn({ provider, onDone, onBusy }: FormProps) {
  const fields = useGoogleFields();
  return (
    <div class="stack">
      <GoogleClientFields fields={fields} autofocus />
      <ProjectField fields={fields} pays={provider.id === "vertex"} />
      <Problem tone="info">
        {t(
          "While the consent screen of your client is in “Testing”, Google ends each of its sign-ins after 7 days. Publish it (“In production”) to stay signed in.",
        )}
      </Problem>
      <SignIn
        who="Google"
        action={t("Sign in with Google")}
        start={async () => {
          const given = fields.read(true);
          if (given?.client === undefined) return undefined;
          const { client, ...rest } = given;
          return await call("accounts.signIn.google", {
            account: { provider: provider.id },
            ...rest,
            client,
          });
        }}
        onBusy={onBusy}
        onDone={(result) => onDone(addedOf([{ place: "", ...result }]))}
      />
    </div>
  );
}
