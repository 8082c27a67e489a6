/** Who can reach Portico: LAN access and when the key is needed. */
import { networkInterfaces } from "node:os";
import * as vscode from "vscode";
import type { AuthMode, Status } from "../../control/contract.ts";
import type { CommandContext } from "../commandContext.ts";
import { writeSetting } from "../host/settings.ts";
import { showWarning } from "../messages.ts";

const ALLOW_AND_COPY = "Allow and Copy Key";
const ALLOW = "Allow";

export async function toggleLanAccess(window: CommandContext, status: Status): Promise<void> {
  if (status.lan) {
    await change(window, "allowLanAccess", false);
    return;
  }
  const { apiKey } = await window.host.call("auth.key", undefined);
  const port = "port" in status.proxy ? status.proxy.port : undefined;
  const choice = await showWarning(
    "Let other computers use Portico?",
    {
      modal: true,
      detail: [
        `Whoever has the key below can then use it from your network${port === undefined ? "" : `, at ${lanAddresses(port).join(" or ")}`}, and spend what your accounts allow.`,
        `They must show this key, whatever is set for this computer:\n\n${apiKey}`,
        "The connection is not encrypted: use it on networks you trust.",
      ].join("\n\n"),
    },
    ALLOW_AND_COPY,
    ALLOW,
  );
  if (choice === undefined) return;
  if (choice === ALLOW_AND_COPY) await vscode.env.clipboard.writeText(apiKey);
  await change(window, "allowLanAccess", true);
}

const MODES: readonly { mode: AuthMode; label: string; detail: string }[] = [
  { mode: "off", label: "No key on this computer", detail: "Other computers always need the key." },
  {
    mode: "all_except_health",
    label: "Key for everything but the health check",
    detail: "Also for programs on this computer.",
  },
  { mode: "strict", label: "Key for everything", detail: "Also for programs on this computer." },
];

/** `auto` does what `off` does: other computers always need the key. */
const chosen = (mode: Status["authMode"]) => (mode === "auto" ? "off" : mode);

export function authLabel(mode: Status["authMode"]): string {
  return MODES.find((each) => each.mode === chosen(mode))?.label ?? mode;
}

export async function chooseAuthMode(window: CommandContext, status: Status): Promise<void> {
  const items = MODES.map((each) => ({
    ...each,
    ...(each.mode === chosen(status.authMode) ? { description: "now" } : {}),
  }));
  const choice = await vscode.window.showQuickPick(items, {
    title: "Portico: who needs the key?",
    placeHolder: "Clients send it where they would send a provider's key",
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
    ? [`this computer's address, port ${port}`]
    : own.map(({ address }) => `http://${address}:${port}`);
}
