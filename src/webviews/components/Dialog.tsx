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
  // Before what is in it asks for the focus: opening gives it to the first that can have it.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
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

/** Asks before something that cannot be undone. Closes itself when it is done. */
export function Confirm(props: {
  title: string;
  children: ComponentChildren;
  /** What the button does: a verb. */
  action: string;
  danger?: boolean;
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
