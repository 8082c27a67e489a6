/** A link that opens in the person's browser. */
import type { ComponentChildren } from "preact";
import { call } from "../transport.ts";
import { Button } from "./Button.tsx";
import { toastFailure } from "./Toast.tsx";

export function openPage(url: string): void {
  void toastFailure(call("host.openExternal", { url }));
}

/** A link to a page of somebody else's, where there is one. */
export function OpenPage(props: { url: string | undefined; icon?: string; children: ComponentChildren }) {
  const { url, icon, children } = props;
  if (url === undefined) return null;
  return (
    <Button kind="link" icon={icon} title={url} onClick={() => openPage(url)}>
      {children}
    </Button>
  );
}
