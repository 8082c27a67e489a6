/** Connect: every tool that can use Portico, whether it does, and what to paste to have it. */
import { t } from "@vscode/l10n";
import { useEffect, useRef } from "preact/hooks";
import type { ClientState } from "../../../control/clients.ts";
import type { SettingsView } from "../../../control/settings.ts";
import { Shown } from "../../components/Message.tsx";
import { Section } from "../../components/Section.tsx";
import { Dot } from "../../components/State.tsx";
import { latestRequests, settings, useLive } from "../../state/gateway.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { matches } from "../../state/media.ts";
import { remembered } from "../../state/memory.ts";
import { useModels } from "../../state/models.ts";
import { useRenewed } from "../../state/renewed.ts";
import { query, setQuery } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { anyTool } from "./anyTool.ts";
import { type ClientUse, clientUseLabel, clientUses } from "./clientUses.ts";
import { moreTools, OTHER } from "./moreTools.ts";
import { Outdated } from "./Outdated.tsx";
import { Setup } from "./Setup.tsx";
import { type Client, clients } from "./snippets.ts";

const chosen = remembered<string>("clients.client", "claude-code", isText);
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
  const models = useModels();
  const found = useLoaded((signal) => call("clients.list", undefined, { signal }));
  // An older Portico has none: then all of it is done by hand.
  const byClick = readyOf(found.state.value) ?? [];
  const all = entriesWith(byClick);
  const tools = all.filter(({ kind }) => kind === "tool");
  const labels = tools.filter(({ id }) => id !== OTHER).map(({ label }) => label);
  const counted = useLoaded((signal) => clientUses(labels, signal), labels.join("\n"));
  useRenewed(latestRequests.value, counted.reload);
  const asked = query.value.client;
  const named = (id: string | undefined) => all.find((each) => each.id === id);
  const current = named(asked) ?? named(chosen.value) ?? all[0];
  const used = readyOf(counted.state.value);
  const setup = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (stacked.peek() && asked !== undefined) setup.current?.scrollIntoView({ block: "start" });
  }, [asked]);
  const list = (kind: Client["kind"], title: string) => (
    <div>
      <h3 class="muted">{title}</h3>
      <ul class="client-list" aria-label={title}>
        {all
          .filter((each) => each.kind === kind)
          .map(({ id, label }) => (
            <li key={id}>
              <button
                type="button"
                aria-current={id === current?.id ? "true" : undefined}
                onClick={() => {
                  chosen.value = id;
                  setQuery({ client: id });
                }}
              >
                {kind === "tool" && id !== OTHER && <Dot tone={used?.has(label) ? "ok" : "off"} />}
                <span class="cut">{label}</span>
                {kind === "tool" && id !== OTHER && used !== undefined && (
                  <Use
                    of={used.get(label)}
                    connected={byClick.some((each) => each.id === id && each.connected)}
                  />
                )}
              </button>
            </li>
          ))}
      </ul>
    </div>
  );
  return (
    <div class="connect">
      <div class="whole">
        <Outdated clients={byClick} onChange={found.reload} />
      </div>
      <div class="client-lists">
        {list("tool", t("Tools"))}
        {list("code", t("Your own code"))}
      </div>
      <div ref={setup}>
        {current !== undefined && (
          <Section title={t("Connect {0}", current.label)}>
            <Setup
              client={current}
              view={view}
              models={readyOf(models.state.value) ?? []}
              state={byClick.find(({ id }) => id === current.id)}
              onChange={found.reload}
            />
          </Section>
        )}
      </div>
    </div>
  );
}

function Use({ of: use, connected }: { of: ClientUse | undefined; connected: boolean }) {
  const words = use === undefined && connected ? t("connected") : clientUseLabel(use);
  return <span class="use muted">{words}</span>;
}

/** Those that are explained, and whatever else can be connected by a click. */
function entriesWith(byClick: readonly ClientState[]): Client[] {
  const explained: Client[] = [...clients(), ...moreTools()];
  const others = byClick.filter(({ id }) => explained.every((each) => each.id !== id));
  const further = others.map(({ id, label }): Client => ({ id, label, kind: "tool", snippets: anyTool }));
  // Whatever else there is comes last.
  return [
    ...explained.filter(({ id }) => id !== OTHER),
    ...further,
    ...explained.filter(({ id }) => id === OTHER),
  ];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
