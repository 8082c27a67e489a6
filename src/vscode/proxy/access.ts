/** Who can reach Portico: LAN access and when the key is needed. */

import { networkInterfaces } from "node:os";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { AuthMode, Status } from "../../control/contract.ts";
import type { CommandContext } from "../commandContext.ts";
import { writeSetting } from "../host/settings.ts";
import { labels } from "../labels.ts";
import { showWarning } from "../messages.ts";

export async function toggleLanAccess(window: CommandContext, status: Status): Promise<void> {
  if (status.lan) {
    await change(window, "allowLanAccess", false);
    return;
  }
  const { apiKey } = await window.host.call("auth.key", undefined);
  const port = "port" in status.proxy ? status.proxy.port : undefined;
  const allowAndCopy = t("Allow and Copy Key");
  const whoever =
    port === undefined
      ? t("Whoever has the key below can then use it from your network, and spend what your accounts allow.")
      : t(
          "Whoever has the key below can then use it from your network, at {0}, and spend what your accounts allow.",
          lanAddresses(port).join(t(" or ")),
        );
  const choice = await showWarning(
    t("Let other computers use Portico?"),
    {
      modal: true,
      detail: [
        whoever,
        t("They must show this key, whatever is set for this computer:"),
        apiKey,
        t("The connection is not encrypted: use it on networks you trust."),
      ].join("\n\n"),
    },
    allowAndCopy,
    labels.allow(),
  );
  if (choice === undefined) return;
  if (choice === allowAndCopy) await vscode.env.clipboard.writeText(apiKey);
  await change(window, "allowLanAccess", true);
}

const modes = (): readonly { mode: AuthMode; label: string; detail: string }[] => [
  { mode: "off", label: t("No key on this computer"), detail: t("Other computers always need the key.") },
  {
    mode: "all_except_health",
    label: t("Key for everything but the health check"),
    detail: t("Also for programs on this computer."),
  },
  { mode: "strict", label: t("Key for everything"), detail: t("Also for programs on this computer.") },
];

/** `auto` does what `off` does: other computers always need the key. */
const chosen = (mode: Status["authMode"]) => (mode === "auto" ? "off" : mode);

export function authLabel(mode: Status["authMode"]): string {
  return modes().find((each) => each.mode === chosen(mode))?.label ?? mode;
}

export async function chooseAuthMode(window: CommandContext, status: Status): Promise<void> {
  const items = modes().map((each) => ({
    ...each,
    ...(each.mode === chosen(status.authMode) ? { description: t("now") } : {}),
  }));
  const choice = await vscode.window.showQuickPick(items, {
    title: t("Portico: who needs the key?"),
    placeHolder: t("Clients send it where they would send a provider's key"),
  });
  if (choice !== undefined) await change(window, "auth.mode", choice.mode);
}

async function change(
  window: CommandContext,
  key: "allowLanAccess" | "auth.mode",
  value: unknown,
): Promise<void> {
  await writeSetting(key, value);
  await window.pushSettings();
}

function lanAddresses(port: number): string[] {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .slice(0, 3);
  return own.length === 0
    ? [t("this computer's address, port {0}", port)]
    : own.map(({ address }) => `http://${address}:${port}`);
}
