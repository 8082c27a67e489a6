/** What can be copied to the clipboard. */
import { t } from "@vscode/l10n";
import { call } from "../transport.ts";
import { Button, IconButton } from "./Button.tsx";
import { toast, toastFailure } from "./Toast.tsx";

/** Puts it on the clipboard and says so. */
export async function copy(text: string, what?: string): Promise<void> {
  const copied = call("host.copy", { text });
  await toastFailure(copied.then(() => toast(what === undefined ? t("Copied") : t("Copied {0}", what))));
}

export function Copyable({ text, what, compact = false }: { text: string; what: string; compact?: boolean }) {
  return (
    <span class="copyable">
      <code class="cut" title={text}>
        {text}
      </code>
      {compact ? (
        <IconButton icon="copy" label={t("Copy {0}", what)} onClick={() => copy(text, what)} />
      ) : (
        <Button kind="link" label={t("Copy {0}", what)} onClick={() => copy(text, what)}>
          {t("Copy")}
        </Button>
      )}
    </span>
  );
}
