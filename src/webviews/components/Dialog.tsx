/** A modal dialog on the browser's own: it keeps the focus, and gives it back when it ends. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useAction } from "../state/action.ts";
import { Button, IconButton } from "./Button.tsx";
import { Failure } from "./Message.tsx";

export function Dialog(props: {
  title: string;
  children: ComponentChildren;
  footer?: ComponentChildren;
  wide?: boolean | undefined;
  /** Escape, the cross. Not while something is under way that must not be left: leave it out. */
  onClose: (() => void) | undefined;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const gone = useRef(false);
  // Before what is in it asks for the focus: opening gives it to the first that can have it.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    element.showModal();
    // A step gave way to the next one, and what had the focus went with it.
    const observer = new MutationObserver(() => {
      if (document.activeElement === document.body) firstIn(element)?.focus();
    });
    observer.observe(element, { childList: true, subtree: true });
    return () => {
      gone.current = true;
      observer.disconnect();
      element.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "wide" : undefined}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose?.();
      }}
      onClose={() => {
        // Browsers end a dialog at the second Escape, whatever it says to the first.
        if (gone.current) return;
        if (props.onClose === undefined) dialog.current?.showModal();
        else props.onClose();
      }}
      onKeyDown={(event) => {
        // Not for what listens around it.
        if (event.key === "Escape") event.stopPropagation();
      }}
    >
      <header>
        <h2 id={title} class="grow">
          {props.title}
        </h2>
        <IconButton
          icon="close"
          label={t("Close")}
          disabled={props.onClose === undefined}
          onClick={() => props.onClose?.()}
        />
      </header>
      <div class="body">{props.children}</div>
      {props.footer !== undefined && <footer>{props.footer}</footer>}
    </dialog>
  );
}

/** What a person would go to first. */
function firstIn(dialog: HTMLElement): HTMLElement | null {
  const can = "input:enabled, textarea:enabled, select:enabled, button:enabled, summary";
  const body = dialog.querySelector(".body");
  return body?.querySelector<HTMLElement>(can) ?? dialog.querySelector<HTMLElement>(can);
}

/** A question, or a form: Cancel, or the one button that does it. Closes itself when it is done. */
export function ActionDialog(props: {
  title: string;
  children: ComponentChildren;
  /** What the button does: a verb. */
  action: string;
  danger?: boolean;
  /** Something is missing yet. */
  disabled?: boolean;
  run(): Promise<unknown>;
  onClose(): void;
}) {
  const action = useAction(props.run);
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t("Cancel")}</Button>
          <Button
            kind={props.danger ? "danger" : "primary"}
            busy={action.busy}
            disabled={props.disabled}
            onClick={async () => {
              if (await action.run()) props.onClose();
            }}
          >
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
      <Failure message={action.problem} />
    </Dialog>
  );
}
