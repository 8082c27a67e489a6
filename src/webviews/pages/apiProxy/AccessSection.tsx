/** Who may call: other computers, who shows the key, the key itself, web pages. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { AuthMode } from "../../../control/contract.ts";
import type { SettingsView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { Choice } from "../../components/Choice.tsx";
import { Copyable, copy } from "../../components/Copyable.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { Problem } from "../../components/Message.tsx";
import { lanAddresses } from "../../lanAddresses.ts";
import { surroundings } from "../../state/gateway.ts";
import { call } from "../../transport.ts";
import { Key } from "./Key.tsx";
import { hostProblem, originProblem } from "./origins.ts";
import { Strings } from "./Strings.tsx";
import { Row, SettingRow } from "./setting.tsx";

export function AccessSection({ view }: { view: SettingsView }) {
  return (
    <>
      <Lan view={view} />
      <Mode view={view} />
      <Row title={t("Key")}>
        <Key />
      </Row>
      <Origins view={view} />
      {view.values.allowLanAccess && <Hosts view={view} />}
    </>
  );
}

function Lan({ view }: { view: SettingsView }) {
  const [asking, setAsking] = useState(false);
  const { port } = view.values;
  const addresses = lanAddresses(surroundings.value, port);
  return (
    <SettingRow title={t("Other computers")} name="allowLanAccess" view={view}>
      {(lan) => (
        <>
          <p>
            {lan.value
              ? t("May use Portico over your network. Everybody outside this computer must show the key.")
              : t("Cannot reach Portico: it listens on this computer only.")}
          </p>
          {lan.value && addresses.length > 0 && (
            <ul>
              {addresses.map((address) => (
                <li key={address}>
                  <Copyable text={address} what={t("the address for other computers")} />
                </li>
              ))}
            </ul>
          )}
          {lan.value && addresses.length === 0 && (
            <p class="muted">{t("They use this computer's name or address, with port {0}.", port)}</p>
          )}
          {lan.fixed === undefined && (
            <span>
              {lan.value ? (
                <Button busy={lan.busy} onClick={() => lan.save(false)}>
                  {t("This computer only")}
                </Button>
              ) : (
                <Button busy={lan.busy} onClick={() => setAsking(true)}>
                  {t("Let other computers in…")}
                </Button>
              )}
            </span>
          )}
          {asking && (
            <AllowLan addresses={addresses} port={port} allow={lan.save} onClose={() => setAsking(false)} />
          )}
        </>
      )}
    </SettingRow>
  );
}

function AllowLan(props: {
  addresses: readonly string[];
  port: number;
  allow(value: true): Promise<boolean>;
  onClose(): void;
}) {
  const { addresses, port } = props;
  return (
    <ActionDialog
      title={t("Let other computers use Portico?")}
      action={t("Allow, and copy the key")}
      onClose={props.onClose}
      run={async () => {
        // The key first: it is made when it is first asked for, and from then on it is needed.
        const { apiKey } = await call("auth.key");
        if (!(await props.allow(true))) throw new Error(t("It was not switched on."));
        await copy(apiKey, t("the key"));
      }}
    >
      <ul class="bullets">
        <li>
          {addresses.length === 0
            ? t(
                "Whoever has the key can then use it from your network, with port {0}, and spend what your accounts allow.",
                port,
              )
            : t(
                "Whoever has the key can then use it from your network, at {0}, and spend what your accounts allow.",
                addresses.join(t(" or ")),
              )}
        </li>
        <li>
          {t(
            "This switches the key on for them: everybody outside this computer must show it, whatever is set for this computer.",
          )}
        </li>
        <li>{t("The connection is not encrypted: use it on networks you trust.")}</li>
      </ul>
    </ActionDialog>
  );
}

function Mode({ view }: { view: SettingsView }) {
  return (
    <SettingRow title={t("Who needs the key on this computer")} name="auth.mode" view={view}>
      {({ value, fixed, save }) => (
        <Choice<AuthMode>
          label={t("Who needs the key on this computer")}
          hideLabel
          value={value}
          options={[
            {
              // `auto` does the same: other computers always need the key.
              value: value === "auto" ? "auto" : "off",
              label: t("Nobody"),
              hint: t("Tools may send any key, or none. Other computers always need it."),
            },
            {
              value: "all_except_health",
              label: t("Everybody, but for the health check"),
              hint: t("Programs on this computer, too. Only {0} stays open, for monitors.", "/healthz"),
            },
            {
              value: "strict",
              label: t("Everybody, for everything"),
              hint: t("Programs on this computer, too, whatever they ask for."),
            },
          ]}
          disabled={fixed !== undefined}
          onChange={(mode) => void save(mode)}
        />
      )}
    </SettingRow>
  );
}

function Origins({ view }: { view: SettingsView }) {
  return (
    <SettingRow title={t("Web pages that may call")} name="allowedOrigins" view={view}>
      {(origins) => (
        <>
          <p class="muted">
            {t(
              "Web pages are refused unless their address is listed here: else any page you open could spend your quota.",
            )}
          </p>
          <Strings
            label={t("Add an origin")}
            placeholder="https://app.example.com"
            setting={origins}
            problemOf={originProblem}
          />
        </>
      )}
    </SettingRow>
  );
}

function Hosts({ view }: { view: SettingsView }) {
  return (
    <SettingRow title={t("Names of this computer")} name="allowedHosts" view={view}>
      {(hosts) => (
        <>
          <p class="muted">
            {t(
              "Other computers reach Portico by this computer's address. A name that they use instead has to be listed.",
            )}
          </p>
          <Strings
            label={t("Add a name")}
            placeholder="my-computer.local"
            setting={hosts}
            problemOf={hostProblem}
          />
          {hosts.value.length === 0 && <Problem tone="info">{t("None: only addresses work.")}</Problem>}
        </>
      )}
    </SettingRow>
  );
}
