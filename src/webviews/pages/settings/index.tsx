/** What Portico keeps, what it may spend, where it lies; and the way to what VS Code keeps itself. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ListedAccount } from "../../../control/accounts.ts";
import { Shown } from "../../components/Message.tsx";
import { accounts, settings, useLive } from "../../state/gateway.ts";
import { useLoaded } from "../../state/loaded.ts";
import { query } from "../../state/route.ts";
import { fixedLabel } from "../../state/setting.ts";
import { call } from "../../transport.ts";
import { About, DataFolder, Diagnostics } from "./About.tsx";
import { Budgets } from "./Budgets.tsx";
import { Prices } from "./Prices.tsx";
import { Privacy, Records } from "./Records.tsx";

export default function Settings() {
  useLive("settings");
  useLive("accounts");
  const storage = useLoaded((signal) => call("storage.get", undefined, { signal }));
  const budgets = useLoaded((signal) => call("budgets.list", undefined, { signal }));
  const known: ListedAccount[] = accounts.value.kind === "ready" ? accounts.value.value : [];
  return (
    <div class="settings-page">
      <Shown of={settings.value} lines={6}>
        {(view) => (
          <>
            <Part name="budgets">
              <Shown of={budgets.state.value} retry={budgets.reload}>
                {(list) => (
                  <Budgets
                    budgets={list}
                    accounts={known}
                    fixed={fixedLabel("budgets", view)}
                    onChanged={() => void budgets.reload()}
                  />
                )}
              </Shown>
            </Part>
            <Part name="prices">
              <Prices view={view} accounts={known} />
            </Part>
            <Shown of={storage.state.value} retry={storage.reload} lines={8}>
              {(stored) => (
                <>
                  <Part name="records">
                    <Records view={view} storage={stored} onChanged={() => void storage.reload()} />
                  </Part>
                  <Part name="privacy">
                    <Privacy view={view} storage={stored} onChanged={() => void storage.reload()} />
                  </Part>
                  <Part name="data">
                    <DataFolder storage={stored} />
                  </Part>
                </>
              )}
            </Shown>
            <Part name="access">
              <About view={view} />
            </Part>
          </>
        )}
      </Shown>
      <Part name="report">
        <Diagnostics />
      </Part>
    </div>
  );
}

/** A link goes straight to it: `#settings?part=budgets`. */
function Part({ name, children }: { name: string; children: ComponentChildren }) {
  const element = useRef<HTMLDivElement>(null);
  const wanted = query.value["part"] === name;
  useEffect(() => {
    if (!wanted) return;
    element.current?.scrollIntoView({ block: "start" });
    element.current?.focus({ preventScroll: true });
  }, [wanted]);
  return (
    <div class="settings-part anchor" ref={element} tabIndex={-1}>
      {children}
    </div>
  );
}
