/** What can be copied to the clipboard. */
import { t } from "@vscode/l10n";
import { messageOf } from "../state/loaded.ts";
import { call } from "../transport.ts";
import { Button, IconButton } from "./Button.tsx";
import { toast } from "./Toast.tsx";

/** Puts it on the clipboard and says so. */
export async function copy(text: string, what?: string): Promise<void> {
  try {
    await call("host.copy", { text });
    toast(what === undefined ? t("Copied") : t("Copied {0}", what));
  } catch (thrown) {
    toast(messageOf(thrown), "problem");
  }
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
