/** Who may call: other computers, who shows the key, the key itself, web pages. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { AuthMode } from "../../../control/contract.ts";
import type { SettingsView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { Choice } from "../../components/Choice.tsx";
import { Copyable, copy } from "../../components/Copyable.tsx";
import { Confirm } from "../../components/Dialog.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { lanAddresses } from "../../lanAddresses.ts";
import { surroundings } from "../../state/gateway.ts";
import { useSetting } from "../../state/setting.ts";
import { call } from "../../transport.ts";
import { Key } from "./Key.tsx";
import { hostProblem, originProblem } from "./origins.ts";
import { Row } from "./Row.tsx";
import { Strings } from "./Strings.tsx";
import { KeptBy } from "./setting.tsx";

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
  const lan = useSetting("allowLanAccess", view);
  const [asking, setAsking] = useState(false);
  const addresses = lanAddresses(surroundings.value, view.values.port);
  return (
    <Row title={t("Other computers")}>
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
        <p class="muted">{t("They use this computer's name or address, with port {0}.", view.values.port)}</p>
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
      <Failure message={lan.problem} />
      <KeptBy view={view} name="allowLanAccess" />
      {asking && (
        <AllowLan
          addresses={addresses}
          port={view.values.port}
          allow={lan.save}
          onClose={() => setAsking(false)}
        />
      )}
    </Row>
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
    <Confirm
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
    </Confirm>
  );
}

function Mode({ view }: { view: SettingsView }) {
  const mode = useSetting("auth.mode", view);
  const modes: { value: AuthMode; label: string; hint: string }[] = [
    {
      // `auto` does the same: other computers always need the key.
      value: mode.value === "auto" ? "auto" : "off",
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
  ];
  return (
    <Row title={t("Who needs the key on this computer")}>
      <Choice<AuthMode>
        label={t("Who needs the key on this computer")}
        hideLabel
        value={mode.value}
        options={modes}
        disabled={mode.fixed !== undefined}
        onChange={(value) => void mode.save(value)}
      />
      <Failure message={mode.problem} />
      <KeptBy view={view} name="auth.mode" />
    </Row>
  );
}

function Origins({ view }: { view: SettingsView }) {
  const origins = useSetting("allowedOrigins", view);
  return (
    <Row title={t("Web pages that may call")}>
      <p class="muted">
        {t(
          "Web pages are refused unless their address is listed here: else any page you open could spend your quota.",
        )}
      </p>
      <Strings
        label={t("Add an origin")}
        placeholder="https://app.example.com"
        values={origins.value}
        problemOf={(value) => originProblem(value, origins.value)}
        fixed={origins.fixed !== undefined}
        busy={origins.busy}
        onChange={origins.save}
      />
      <Failure message={origins.problem} />
      <KeptBy view={view} name="allowedOrigins" />
    </Row>
  );
}

function Hosts({ view }: { view: SettingsView }) {
  const hosts = useSetting("allowedHosts", view);
  return (
    <Row title={t("Names of this computer")}>
      <p class="muted">
        {t(
          "Other computers reach Portico by this computer's address. A name that they use instead has to be listed.",
        )}
      </p>
      <Strings
        label={t("Add a name")}
        placeholder="my-computer.local"
        values={hosts.value}
        problemOf={(value) => hostProblem(value, hosts.value)}
        fixed={hosts.fixed !== undefined}
        busy={hosts.busy}
        onChange={hosts.save}
      />
      <Failure message={hosts.problem} />
      {hosts.value.length === 0 && <Problem tone="info">{t("None: only addresses work.")}</Problem>}
      <KeptBy view={view} name="allowedHosts" />
    </Row>
  );
}
