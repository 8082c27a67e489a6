/** What is the same on every page: the strip on top, the way to the other pages, what is wrong with it all. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { PageName } from "../../control/page.ts";
import { reachWords } from "../../control/stateWords.ts";
import { format } from "../labels.ts";
import { start as pageStart } from "../start.ts";
import { useAction } from "../state/action.ts";
import { useNow } from "../state/clock.ts";
import { phase, standing, status, surroundings } from "../state/gateway.ts";
import { narrow } from "../state/media.ts";
import { go, page } from "../state/route.ts";
import { call, link, reconnect } from "../transport.ts";
import { Button } from "./Button.tsx";
import { Copyable, copy } from "./Copyable.tsx";
import { Since } from "./Countdown.tsx";
import { Failure, Problem } from "./Message.tsx";
import { Navigation } from "./Navigation.tsx";
import { Dot } from "./State.tsx";
import { announce, LiveRegion, toast } from "./Toast.tsx";

/** @param titleOf what people call a page */
export function AppFrame(props: { titleOf(name: PageName): string; children: ComponentChildren }) {
  const { titleOf } = props;
  return (
    <div class="frame">
      <Strip />
      <Navigation titleOf={titleOf} />
      <FrameProblem />
      <main class="page" tabIndex={-1} aria-label={titleOf(page.value)}>
        {props.children}
      </main>
      <LiveRegion />
    </div>
  );
}

/** State, address, who can reach it, one button. */
export function Strip() {
  const now = status.value;
  const { state, matter, words, tone } = standing.value;
  const proxy = now?.proxy;
  const running = proxy?.kind === "running" && phase.value === "running" ? proxy : undefined;
  useEffect(() => announce(t("Portico: {0}", words)), [words]);
  return (
    <header class="strip">
      <span class="row state">
        <Dot tone={tone} />
        <span class="words">
          <span class="strong">{state}</span>
          {matter !== undefined && ", "}
          {matter !== undefined && phase.value === "stopping" && matter}
          {matter !== undefined && phase.value !== "stopping" && (
            <Button kind="link" title={t("Show what it is about")} onClick={showMatter}>
              <span class={tone}>{matter}</span>
            </Button>
          )}
        </span>
        {running !== undefined && (
          <span class="muted">
            <Since since={running.since} />
          </span>
        )}
      </span>
      {running !== undefined && (
        <span class="address">
          <Copyable text={running.baseUrl} what={t("the address")} compact={narrow.value} />
        </span>
      )}
      {running !== undefined && now !== undefined && (
        <Reach words={`${reachWords(now, t)}${windowLabel(surroundings.value?.clients ?? 1)}`} />
      )}
      <span class="end">
        <StartStop />
      </span>
    </header>
  );
}

/** Where it is told whole, beside what mends it. */
function showMatter(): void {
  const here = page.peek() === "dashboard" && pageStart.view === "panel";
  const needs = here ? document.querySelector(".needs") : null;
  if (needs === null) go(here ? "accounts" : "dashboard");
  needs?.scrollIntoView({ block: "center" });
  needs?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
}

function Reach({ words }: { words: string }) {
  return (
    <span class="reach" title={words}>
      {words}
    </span>
  );
}

function windowLabel(clients: number): string {
  return clients > 1 ? ` · ${t("shared by {0} windows", clients)}` : "";
}

export function StartStop() {
  const start = useAction(async () => {
    status.value = await call("proxy.start");
    const { connected = [], proxy } = status.value;
    if (connected.length > 0 && proxy.kind === "running")
      toast(t("Refused until now: {0}", connected.join(", ")));
  });
  // Answered when all is over; until then the status says how far it is.
  const stop = useAction(async () => {
    status.value = await call("proxy.stop");
  });
  const cut = useAction(async () => {
    status.value = await call("proxy.stop", { now: true });
  });
  const now = phase.value;
  const running = now === "running" || now === "starting";
  const problem = start.problem ?? stop.problem ?? cut.problem;
  if (now === "disconnected" || now === "connecting") return null;
  return (
    <span class="row">
      <Failure message={problem} />
      {now === "stopping" ? (
        <Button busy={cut.busy} onClick={() => cut.run()}>
          {t("Stop now")}
        </Button>
      ) : running ? (
        <Button busy={stop.busy || now === "starting"} onClick={() => stop.run()}>
          {t("Stop")}
        </Button>
      ) : (
        <Button kind="primary" busy={start.busy} onClick={() => start.run()}>
          {t("Start Proxy")}
        </Button>
      )}
    </span>
  );
}

/** What keeps all of it from working. */
export function FrameProblem() {
  const now = link.value;
  const proxy = status.value?.proxy;
  if (now.kind === "disconnected") {
    return (
      <Problem title={now.message} actions={<Button onClick={() => reconnect()}>{t("Try now")}</Button>}>
        {now.retryAt === undefined ? t("What is shown may be old.") : <Retrying at={now.retryAt} />}
      </Problem>
    );
  }
  if (proxy?.kind === "failed") {
    const { other, reason } = proxy;
    const actions = reason !== "other" && (
      <>
        {other !== undefined && (
          <Button onClick={() => copy(other, t("the address of the other Portico"))}>
            {t("Copy the address of that one")}
          </Button>
        )}
        <Button onClick={() => go("api-proxy", { section: "proxy" })}>{t("Choose another port")}</Button>
      </>
    );
    return <Problem actions={actions}>{proxy.message}</Problem>;
  }
  const connected = status.value?.connected ?? [];
  if (proxy?.kind === "stopped" && proxy.stopping === undefined && connected.length > 0) {
    return <Problem tone="info">{t("Refused while Portico is stopped: {0}", connected.join(", "))}</Problem>;
  }
  return null;
}

function Retrying({ at }: { at: number }) {
  const left = at - useNow();
  const when = left <= 1000 ? t("now") : t("in {0}", format.countdown(left));
  return <>{t("What is shown may be old. Trying again {0}.", when)}</>;
}
