/** Routes: which model names go where, edited as a draft that is tried out before it is kept. */
import { t } from "@vscode/l10n";
import { useMemo, useRef, useState } from "preact/hooks";
import type { ModelView, RouteRule, RoutesView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { useDragging } from "../../components/DragHandle.tsx";
import { Failure, Shown } from "../../components/Message.tsx";
import { Tag } from "../../components/State.tsx";
import { announce, toast } from "../../components/Toast.tsx";
import { useAction } from "../../state/action.ts";
import { knownAccounts, settings } from "../../state/gateway.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { call } from "../../transport.ts";
import { RouteEditor } from "./RouteEditor.tsx";
import { RoutePreview } from "./RoutePreview.tsx";
import { RuleText } from "./RuleLabel.tsx";
import { ruleProblems, targetNames, tidy } from "./routeRules.ts";
import { moved } from "./Targets.tsx";

interface Draft {
  /** Stays with the rule while it moves. */
  key: number;
  rule: RouteRule;
}

export function RoutesSection({ models }: { models: readonly ModelView[] }) {
  const routes = useLoaded((signal) => call("routes.get", undefined, { signal }));
  return (
    <Shown of={routes.state.value} retry={routes.reload}>
      {(view) => (
        <Routes
          // What another window saved replaces what is shown, not what is being edited.
          key={JSON.stringify(view)}
          view={view}
          models={models}
          onSaved={routes.put}
        />
      )}
    </Shown>
  );
}

let nextKey = 1;
/** What was being edited when another tab or page was looked at, and of what: it is there again. */
let left: { of: string; draft: readonly Draft[] } | undefined;

function Routes(props: { view: RoutesView; models: readonly ModelView[]; onSaved(view: RoutesView): void }) {
  const { view, models } = props;
  const of = JSON.stringify(view);
  const initial = () => view.own.map((rule): Draft => ({ key: nextKey++, rule }));
  const [draft, show] = useState<readonly Draft[]>(() => (left?.of === of ? left.draft : initial()));
  const setDraft = (draft: readonly Draft[]) => {
    left = { of, draft };
    show(draft);
  };
  const [open, setOpen] = useState<number>();
  const [judged, setJudged] = useState(false);
  const known = knownAccounts();
  const names = useMemo(() => targetNames(models, known), [models, known]);
  const rules = draft.map(({ rule }) => tidy(rule));
  const changed = JSON.stringify(rules) !== JSON.stringify(view.own.map(tidy));
  const problems = draft.map(({ rule }, i) =>
    ruleProblems(
      rule,
      rules.filter((_, at) => at < i),
    ),
  );
  const wrong = problems.findIndex((each) => Object.keys(each).length > 0);
  const save = useAction(async () => {
    setJudged(true);
    if (wrong >= 0) {
      setOpen(draft[wrong]?.key);
      return;
    }
    props.onSaved(await call("routes.set", rules));
    toast(t("Routes are saved"));
  });
  const add = () => {
    const key = nextKey++;
    setDraft([...draft, { key, rule: { model: "", to: [""] } }]);
    setOpen(key);
    setJudged(false);
  };
  const list = useRef<HTMLOListElement>(null);
  const move = (from: number, to: number) => {
    setDraft(moved(draft, from, to));
    announce(t("Route {0} is now number {1}", draft[from]?.rule.model ?? "", to + 1));
  };
  const dragging = useDragging(list, move);
  return (
    <div class="stack routes">
      <p class="muted">
        {t(
          "A model's own name goes to whoever serves it. A route sends a name elsewhere; the exact name counts first, then the longest with *. If the first target cannot, the next one answers.",
        )}
      </p>
      {view.fixed.length > 0 && <Fixed rules={view.fixed} />}
      {draft.length > 0 && (
        <ol class="rules" ref={list} aria-label={t("Routes")}>
          {draft.map(({ key, rule }, i) => (
            <RouteEditor
              key={key}
              rule={rule}
              open={open === key}
              problems={judged || open !== key ? (problems[i] ?? {}) : {}}
              names={names}
              first={i === 0}
              last={i === draft.length - 1}
              grip={draft.length > 1 ? dragging.grip(i) : undefined}
              dragClass={dragging.classOf(i)}
              onOpen={(on) => {
                setOpen(on ? key : undefined);
                if (!on) setJudged(true);
              }}
              onChange={(changedRule) =>
                setDraft(draft.map((each) => (each.key === key ? { key, rule: changedRule } : each)))
              }
              onMove={(by) => move(i, i + by)}
              onRemove={() => setDraft(draft.filter((each) => each.key !== key))}
            />
          ))}
        </ol>
      )}
      <span class="row wrap">
        <Button icon="add" onClick={add}>
          {t("Add a route")}
        </Button>
        {changed && (
          <>
            <Button kind="primary" busy={save.busy} onClick={() => save.run()}>
              {t("Save routes")}
            </Button>
            <Button
              onClick={() => {
                setDraft(initial());
                setOpen(undefined);
                setJudged(false);
                save.clear();
              }}
            >
              {t("Discard changes")}
            </Button>
            <span class="muted">{t("Not saved yet; the preview below takes them into account.")}</span>
          </>
        )}
      </span>
      <Failure
        message={
          judged && wrong >= 0 && changed ? t("Something is missing in route {0}.", wrong + 1) : save.problem
        }
      />
      <RoutePreview
        models={models}
        draft={changed ? rules.filter((_, i) => Object.keys(problems[i] ?? {}).length === 0) : undefined}
        saved={JSON.stringify(view)}
      />
    </div>
  );
}

function Fixed({ rules }: { rules: readonly RouteRule[] }) {
  const file = readyOf(settings.value)?.configFile;
  return (
    <div>
      <p class="muted">
        {file === undefined
          ? t("Set in the config file; they come first:")
          : t("Set in {0}; they come first:", file)}
      </p>
      <ol class="rules">
        {rules.map((rule) => (
          <li key={rule.model} class="rule">
            <div class="head">
              <RuleText rule={rule} />
              <Tag>{t("read-only")}</Tag>
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
