/** Every request that went through Portico, as it ends. */
import { t } from "@vscode/l10n";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ControlError } from "../../../control/channel.ts";
import type { RequestFilter } from "../../../control/requests.ts";
import { Button, Segments } from "../../components/Button.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { Menu } from "../../components/Menu.tsx";
import { Empty, Problem, Skeleton } from "../../components/Message.tsx";
import { toast } from "../../components/Toast.tsx";
import { format } from "../../labels.ts";
import { phase, settingNow, useLive } from "../../state/gateway.ts";
import { isCancelled, messageOf } from "../../state/loaded.ts";
import { matches } from "../../state/media.ts";
import { go, query, setQuery } from "../../state/route.ts";
import { freshness } from "../../state/seen.ts";
import { useWatch } from "../../state/watch.ts";
import { call, link, on } from "../../transport.ts";
import { allColumns, chosenColumns, resetColumns, toggleColumn } from "./columns.tsx";
import { Details } from "./Details.tsx";
import { Export, type FileFormat } from "./Export.tsx";
import { FilterBox } from "./FilterBox.tsx";
import { Feed } from "./feed.ts";
import { type FilterState, isFiltered, type Show, SLOW_MS } from "./filter.ts";
import { useFilterState } from "./filterState.ts";
import { RequestList } from "./List.tsx";
import { TimeRange } from "./TimeRange.tsx";

/** There is room for details beside the list. */
const wide = matches("(min-width: 900px)");

export default function Monitor() {
  useLive("settings");
  useFill();
  const ask = useFilterState();
  const { question, asked } = ask;
  const feed = useFeed(asked.filter);
  const [paused, setPaused] = useState(false);
  const [away, setAway] = useState(false);
  const [toTop, setToTop] = useState(0);
  const held = paused || away;
  useLayoutEffect(() => {
    feed.hold(held);
    if (!held) void feed.showWaiting();
  }, [feed, held]);

  const selected = query.value["request"];
  const open = (id: string | undefined) => setQuery({ request: id });
  const list = useRef<HTMLDivElement>(null);
  const focusList = () => list.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
  const close = () => {
    open(undefined);
    focusList();
  };
  const shownRow = selected === undefined ? undefined : feed.rowAt(feed.indexOf(selected) ?? -1);
  const pause = () => {
    // From this moment on, not from the next frame.
    if (!paused) feed.hold(true);
    setPaused(!paused);
  };
  const showNew = () => {
    feed.hold(paused);
    void feed.showWaiting();
    setAway(false);
    setToTop((n) => n + 1);
    focusList();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what is open, wherever the focus is
    <div
      class={selected === undefined ? "monitor" : "monitor covered"}
      onKeyDown={(event) => {
        if (event.key === "Escape" && selected !== undefined && !event.defaultPrevented) close();
      }}
    >
      <Bar ask={ask} feed={feed} paused={paused} onPause={pause} onLeave={focusList} />
      <Notes />
      <div class="split">
        <div class="listed" ref={list} inert={selected !== undefined && !wide.value}>
          <Fresh feed={feed} paused={paused} onShow={showNew} />
          <Body feed={feed} question={question} onReset={() => ask.change(NOTHING)}>
            <RequestList
              feed={feed}
              selected={selected}
              onOpen={(row) => open(row.id)}
              onMove={(row) => open(row.id)}
              onAway={setAway}
              toTop={toTop}
            />
          </Body>
        </div>
        {selected !== undefined && (
          <Details
            id={selected}
            row={shownRow}
            over={!wide.value}
            onClose={close}
            onShow={(id) => open(id)}
          />
        )}
      </div>
    </div>
  );
}

const NOTHING: Partial<FilterState> = { terms: {}, show: "all", time: { kind: "any" } };

/** The list scrolls, not the page. */
function useFill(): void {
  useEffect(() => {
    document.body.classList.add("fills");
    return () => document.body.classList.remove("fills");
  }, []);
}

function useFeed(filter: RequestFilter): Feed {
  useWatch("requests");
  const feed: Feed = useMemo(
    () =>
      new Feed({
        list: (params, signal) => call("requests.list", params, { signal }),
        messageOf: (thrown) => (isCancelled(thrown) ? undefined : refusal(thrown, feed.filter)),
      }),
    [],
  );
  useLayoutEffect(() => {
    const end = on("requests", (event) => feed.receive(event));
    return () => {
      end();
      feed.close();
    };
  }, [feed]);
  const connected = link.value.kind === "connected";
  const fresh = freshness.value;
  const key = JSON.stringify(filter);
  const read = useRef<string>(undefined);
  // Before the first frame, not after it: the list is what one came for.
  useLayoutEffect(() => {
    if (!connected) return;
    if (read.current === key) void feed.refresh();
    else void feed.read(filter);
    read.current = key;
  }, [feed, connected, fresh, key]);
  return feed;
}

function Bar(props: {
  ask: ReturnType<typeof useFilterState>;
  feed: Feed;
  paused: boolean;
  onPause(): void;
  onLeave(): void;
}) {
  const { ask, feed, paused } = props;
  const { question, asked } = ask;
  const [exporting, setExporting] = useState<FileFormat>();
  const [clearing, setClearing] = useState(false);
  const shows: { value: Show; label: string; title?: string }[] = [
    { value: "all", label: t("All") },
    { value: "errors", label: t("Errors") },
    { value: "failed-over", label: t("Failed over") },
    { value: "slow", label: t("Slow"), title: t("{0} or longer", format.seconds(SLOW_MS)) },
  ];
  return (
    <div class="bar">
      <FilterBox
        value={ask.typed}
        facets={ask.facets}
        wrong={asked.wrong}
        onInput={ask.type}
        onFocus={ask.wantFacets}
        onLeave={props.onLeave}
      />
      <Segments
        label={t("Which requests")}
        options={shows}
        value={question.show}
        onChange={(show) => ask.change({ show })}
      />
      <TimeRange choice={question.time} onChange={(time) => ask.change({ time })} />
      <Kept feed={feed} filtered={isFiltered(question)} />
      <span class="grow" />
      <span class="row buttons">
        <Button
          pressed={paused}
          icon={paused ? "debug-continue" : undefined}
          title={t("New requests wait until you resume")}
          onClick={props.onPause}
        >
          {paused ? t("Resume") : t("Pause")}
        </Button>
        <Columns />
        <Menu
          label={t("Export what is filtered")}
          text={t("Export")}
          items={[
            { label: t("CSV, for a spreadsheet"), onSelect: () => setExporting("csv") },
            { label: t("JSON lines"), onSelect: () => setExporting("jsonl") },
          ]}
        />
        <Menu
          label={t("More")}
          items={[{ label: t("Clear the list…"), icon: "trash", onSelect: () => setClearing(true) }]}
        />
      </span>
      {exporting !== undefined && (
        <Export
          filter={asked.filter}
          format={exporting}
          total={feed.count}
          onClose={() => setExporting(undefined)}
        />
      )}
      {clearing && <Clear feed={feed} onClose={() => setClearing(false)} />}
    </div>
  );
}

/** `12,408 kept · last 30 days`. */
function Kept({ feed, filtered }: { feed: Feed; filtered: boolean }) {
  const state = feed.state.value;
  // Read, so that it is drawn anew with every change.
  const version = feed.version.value;
  if (state.kind !== "ready" || version === 0) return null;
  const count = format.count(feed.count);
  if (filtered) return <span class="muted num list-count">{t("{0} found", count)}</span>;
  const days = settingNow("records.maxAgeDays");
  return (
    <span class="muted num list-count">
      {days === undefined ? t("{0} kept", count) : t("{0} kept · last {1} days", count, days)}
    </span>
  );
}

function Columns() {
  const chosen = chosenColumns.value;
  return (
    <Menu
      label={t("Columns")}
      text={t("Columns")}
      stays
      items={[
        ...allColumns()
          .filter(({ dispensable }) => dispensable > 0)
          .map(({ id, head }) => ({
            label: head,
            checked: chosen.includes(id),
            onSelect: () => toggleColumn(id),
          })),
        "line",
        { label: t("Reset columns"), onSelect: resetColumns },
      ]}
    />
  );
}

function Clear({ feed, onClose }: { feed: Feed; onClose(): void }) {
  return (
    <ActionDialog
      title={t("Clear the list?")}
      action={t("Clear")}
      danger
      run={async () => {
        const { removed } = await call("requests.clear");
        toast(t("{0} requests removed", format.count(removed)));
        setQuery({ request: undefined });
        await feed.read();
      }}
      onClose={onClose}
    >
      <p>{t("All requests that are kept go, filtered or not, with what was recorded of them.")}</p>
      <p class="muted">{t("Token Stats and budgets stay as they are. This cannot be undone.")}</p>
    </ActionDialog>
  );
}

/** Fields of a filter that came later than the first ones. */
const NEWER = ["ranges", "usedModel", "lane", "route", "errorKind"] as const;

/** A leader that is older refuses what it does not know. */
function refusal(thrown: unknown, filter: RequestFilter): string {
  const newer = NEWER.some((field) => filter[field] !== undefined);
  return newer && thrown instanceof ControlError && thrown.code === "bad-request"
    ? t(
        "The Portico that runs is older than this page and cannot filter by that. Reload its window to update it.",
      )
    : messageOf(thrown);
}

function Notes() {
  if (settingNow("records.enabled") !== false) return null;
  return (
    <Problem
      tone="info"
      title={t("Requests are not recorded")}
      actions={<Button onClick={() => go("settings", { part: "records" })}>{t("Turn on…")}</Button>}
    >
      {t("What is listed is from before. Everything works without, but nothing is seen here.")}
    </Problem>
  );
}

/** What came while the list stood still. */
function Fresh({ feed, paused, onShow }: { feed: Feed; paused: boolean; onShow(): void }) {
  const waiting = feed.waiting.value;
  if (waiting === 0) return paused ? <p class="fresh-note muted">{t("Paused")}</p> : null;
  return (
    <span class="fresh">
      <Button kind="primary" icon="arrow-up" onClick={onShow}>
        {t("{0} new", format.count(waiting))}
      </Button>
    </span>
  );
}

function Body(props: {
  feed: Feed;
  question: FilterState;
  onReset(): void;
  children: preact.ComponentChildren;
}) {
  const { feed, question } = props;
  const state = feed.state.value;
  const version = feed.version.value;
  const again = <Button onClick={() => feed.read()}>{t("Try again")}</Button>;
  if (state.kind === "loading") return <Skeleton lines={12} />;
  if (state.kind === "failed") return <Problem actions={again}>{state.message}</Problem>;
  const old = state.old !== undefined && link.value.kind === "connected" && (
    <Problem tone="warn" actions={again}>
      {t("This may be old: {0}", state.old)}
    </Problem>
  );
  if (feed.count > 0 || version === 0) {
    return (
      <>
        {old}
        {props.children}
      </>
    );
  }
  return (
    <>
      {old}
      {isFiltered(question) ? (
        <Empty action={<Button onClick={props.onReset}>{t("Show all")}</Button>}>
          {t("No request matches.")}
        </Empty>
      ) : (
        <Nothing />
      )}
    </>
  );
}

function Nothing() {
  const stopped = phase.value === "stopped" || phase.value === "failed";
  return (
    <Empty shape="lines" action={<Button onClick={() => go("connect")}>{t("Connect a client")}</Button>}>
      {stopped
        ? t("Start the proxy and point a client at it: each of its requests appears here as it ends.")
        : t("Point a client at Portico: each of its requests appears here as it ends.")}
    </Empty>
  );
}
