/** Connect: every tool that can use Portico, whether it does, and what to paste to have it. */
import { t } from "@vscode/l10n";
import { useEffect, useRef } from "preact/hooks";
import type { SettingsView } from "../../../control/settings.ts";
import { Shown } from "../../components/Message.tsx";
import { Section } from "../../components/Section.tsx";
import { Dot } from "../../components/State.tsx";
import { latestRequests, settings, useLive } from "../../state/gateway.ts";
import { useLoaded } from "../../state/loaded.ts";
import { matches } from "../../state/media.ts";
import { remembered } from "../../state/memory.ts";
import { useModels } from "../../state/models.ts";
import { useRenewed } from "../../state/renewed.ts";
import { query, setQuery } from "../../state/route.ts";
import { type ClientUse, clientUseLabel, clientUses } from "./clientUses.ts";
import { Setup } from "./Setup.tsx";
import { CLIENT_IDS, type Client, type ClientId, clients } from "./snippets.ts";

const chosen = remembered<ClientId>("clients.client", "claude-code", isClient);
/** There is no room beside the list, as in `connect.css`. */
const stacked = matches("(max-width: 799px)");

export default function Connect() {
  useLive("settings");
  useLive("accounts");
  useLive("requests");
  return (
    <Shown of={settings.value} lines={8}>
      {(view) => <Filled view={view} />}
    </Shown>
  );
}

function Filled({ view }: { view: SettingsView }) {
  const models = useModels().state.value;
  const all = clients();
  const tools = CLIENT_IDS.map((id) => all[id]).filter(({ kind }) => kind === "tool");
  const counted = useLoaded((signal) =>
    clientUses(
      tools.map(({ label }) => label),
      signal,
    ),
  );
  useRenewed(latestRequests.value, counted.reload);
  const uses = counted.state.value;
  const asked = query.value.client;
  const current = all[isClient(asked) ? asked : chosen.value];
  const used = uses.kind === "ready" ? uses.value : undefined;
  const setup = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (stacked.peek() && asked !== undefined) setup.current?.scrollIntoView({ block: "start" });
  }, [asked]);
  const list = (kind: Client["kind"], title: string) => (
    <div>
      <h3 class="muted">{title}</h3>
      <ul class="client-list" aria-label={title}>
        {CLIENT_IDS.filter((id) => all[id].kind === kind).map((id) => (
          <li key={id}>
            <button
              type="button"
              aria-current={id === current.id ? "true" : undefined}
              onClick={() => {
                chosen.value = id;
                setQuery({ client: id });
              }}
            >
              {kind === "tool" && <Dot tone={used?.has(all[id].label) ? "ok" : "off"} />}
              <span class="cut">{all[id].label}</span>
              {kind === "tool" && used !== undefined && <Use of={used.get(all[id].label)} />}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
  return (
    <div class="connect">
      <div class="client-lists">
        {list("tool", t("Tools"))}
        {list("code", t("Your own code"))}
      </div>
      <div ref={setup}>
        <Section title={t("Connect {0}", current.label)}>
          <Setup client={current} view={view} models={models.kind === "ready" ? models.value : []} />
        </Section>
      </div>
    </div>
  );
}

function Use({ of: use }: { of: ClientUse | undefined }) {
  return <span class="use muted">{clientUseLabel(use)}</span>;
}

function isClient(value: unknown): value is ClientId {
  return CLIENT_IDS.some((each) => each === value);
}
