/** The person's own OAuth client and project at Google. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import type { GoogleClient } from "../../../../control/credentials.ts";
import { TextField } from "../../../components/Field.tsx";
import { OpenPage } from "../../../components/OpenPage.tsx";
import { SecretField, type SecretInput, secretOf } from "../../../components/SecretField.tsx";

const CLIENTS_PAGE = "https://console.cloud.google.com/auth/clients";

export interface GoogleFields {
  clientId: string;
  project: string;
  secret: SecretInput;
  wrong: { clientId?: string; project?: string };
  setClientId(value: string): void;
  setProject(value: string): void;
  /** @param needed a client has to be given. @returns undefined where something is wrong, which is then said */
  read(needed: boolean): { client?: GoogleClient; quotaProject?: string } | undefined;
}

export function useGoogleFields(): GoogleFields {
  const [clientId, setClientId] = useState("");
  const [project, setProject] = useState("");
  const [wrong, setWrong] = useState<GoogleFields["wrong"]>({});
  const secret: SecretInput = useRef(null);
  return {
    clientId,
    project,
    secret,
    wrong,
    setClientId(value) {
      setClientId(value);
      setWrong({});
    },
    setProject(value) {
      setProject(value);
      setWrong({});
    },
    read(needed) {
      const id = clientId.trim();
      const named = project.trim();
      const problems: GoogleFields["wrong"] = {};
      if (needed && id === "") problems.clientId = t("Google shows it on the page of your client.");
      if (!/^[a-z0-9.:-]{0,200}$/i.test(named)) {
        problems.project = t("A project id has letters, digits and dashes.");
      }
      setWrong(problems);
      if (Object.keys(problems).length > 0) return undefined;
      const clientSecret = secretOf(secret);
      return {
        ...(id === "" ? {} : { client: { clientId: id, ...(clientSecret === "" ? {} : { clientSecret }) } }),
        ...(named === "" ? {} : { quotaProject: named }),
      };
    },
  };
}

export function GoogleClientFields({ fields, autofocus }: { fields: GoogleFields; autofocus?: boolean }) {
  return (
    <>
      <TextField
        label={t("Client ID")}
        value={fields.clientId}
        mono
        autofocus={autofocus}
        placeholder="1234567890-abc.apps.googleusercontent.com"
        error={fields.wrong.clientId}
        hint={
          <>
            {t("Of your own OAuth client at Google, of type “Desktop app”.")}{" "}
            <OpenPage url={CLIENTS_PAGE}>{t("Open Google's page of clients")}</OpenPage>
          </>
        }
        onInput={fields.setClientId}
      />
      <SecretField
        field={fields.secret}
        label={t("Client secret")}
        hint={t("As Google shows it beside the client ID. Kept where only you can read it.")}
      />
    </>
  );
}

export function ProjectField({ fields, pays }: { fields: GoogleFields; pays: boolean }) {
  return (
    <TextField
      label={t("Google Cloud project")}
      value={fields.project}
      mono
      placeholder="my-project-123"
      error={fields.wrong.project}
      hint={
        pays
          ? t("The one that pays, by its id. Leave it empty where the credential names it.")
          : t("The one that is billed and counted, by its id. Leave it empty if you are not sure.")
      }
      onInput={fields.setProject}
    />
  );
}
