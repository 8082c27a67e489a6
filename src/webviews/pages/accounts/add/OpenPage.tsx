/** A link that opens in the person's browser. */
import type { ComponentChildren } from "preact";
import { Button } from "../../../components/Button.tsx";
import { toast } from "../../../components/Toast.tsx";
import { messageOf } from "../../../state/loaded.ts";
import { call } from "../../../transport.ts";

/** A link to a page of the provider's, where it has one. */
export function OpenPage({ url, children }: { url: string | undefined; children: ComponentChildren }) {
  if (url === undefined) return null;
  return (
    <Button
      kind="link"
      title={url}
      onClick={() => {
        call("host.openExternal", { url }).catch((thrown: unknown) => toast(messageOf(thrown), "problem"));
      }}
    >
      {children}
    </Button>
  );
}
