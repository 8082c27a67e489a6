/** Messages on a page: problems, what loads, what is empty. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { Loaded } from "../state/loaded.ts";
import { Button } from "./Button.tsx";
import { Shape, type ShapeKind } from "./Shape.tsx";

/** What is wrong, beside the buttons that mend it. */
export function Problem(props: {
  children: ComponentChildren;
  title?: string | undefined;
  tone?: "bad" | "warn" | "info";
  actions?: ComponentChildren;
}) {
  const { tone = "bad" } = props;
  return (
    <div class={`problem ${tone}`}>
      <div class="text">
        {props.title !== undefined && <p class="strong">{props.title}</p>}
        <div class={props.title === undefined ? undefined : "muted"}>{props.children}</div>
      </div>
      {props.actions !== undefined && <div class="actions">{props.actions}</div>}
    </div>
  );
}

/** What went wrong with what was just asked for; spoken as it comes. */
export function Failure({ message }: { message: string | undefined }) {
  return <div role="alert">{message !== undefined && <p class="bad">{message}</p>}</div>;
}

/** One sentence on what will be here, one button, and the shape of it where the page has room for that. */
export function Empty(props: { children: ComponentChildren; action?: ComponentChildren; shape?: ShapeKind }) {
  return (
    <>
      <div class="empty">
        <p>{props.children}</p>
        {props.action}
      </div>
      {props.shape !== undefined && <Shape kind={props.shape} />}
    </>
  );
}

/** The shape of lines to come. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div role="status" aria-label={t("Loading")}>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} class="skeleton" style={{ width: `${[92, 78, 85, 64][i % 4]}%` }} />
      ))}
    </div>
  );
}

/** What was loaded, or what stands in its place. */
export function Shown<T>(props: {
  of: Loaded<T>;
  /** Asks again. */
  retry?: (() => unknown) | undefined;
  lines?: number;
  children(value: T): ComponentChildren;
}) {
  const { of, retry } = props;
  const again = retry === undefined ? undefined : <Button onClick={retry}>{t("Try again")}</Button>;
  if (of.kind === "loading") return <Skeleton lines={props.lines ?? 3} />;
  if (of.kind === "failed") return <Problem actions={again}>{of.message}</Problem>;
  return (
    <>
      {of.old !== undefined && (
        <Problem tone="warn" actions={again}>
          {t("This may be old: {0}", of.old)}
        </Problem>
      )}
      {props.children(of.value)}
    </>
  );
}
