/** What a person sees when Portico is ready: where to point their tools, and a line to try. */
import { t } from "@vscode/l10n";
import { isKeyNeeded } from "../control/clientKey.ts";
import type { LocalServer } from "../control/contract.ts";
import type { Settings } from "../gateway/settings/settings.ts";
import { widthOf } from "./screen.ts";

export interface Welcome {
  readonly version: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly settings: Pick<Settings, "auth" | "allowLanAccess">;
  /** A link that opens the dashboard once; absent: there is none. */
  readonly dashboard: string | undefined;
  /** No account of the person's own is enabled. */
  readonly sandboxOnly: boolean;
  /** Where the config file is; absent: there is none. */
  readonly config: string | undefined;
  /** How to show the key: itself, or the place where it stands. */
  readonly key: string;
  /** Nobody gave one, so it was made. */
  readonly generated: boolean;
  readonly platform: NodeJS.Platform;
  /** How a person calls this program here. */
  readonly program: string;
}

/** Lines for standard error. */
export function welcome(options: Welcome): string[] {
  const { version, baseUrl, sandboxOnly, dashboard, config, key, generated, platform, program } = options;
  const { auth, allowLanAccess } = options.settings;
  const needsKey = isKeyNeeded(auth.mode);
  const lines = ["", t("Portico {0} is ready. Base URLs for your tools:", version), ...addresses(baseUrl)];
  if (dashboard !== undefined) {
    lines.push(
      t("Dashboard, to open once within ten minutes ({0} gives another link):", `${program} dashboard`),
      `  ${dashboard}`,
    );
  }
  if (needsKey) lines.push(t("Clients must show the key: {0}", key));
  else lines.push(t("Any API key will do on this computer: authentication is off for it."));
  if (allowLanAccess) {
    lines.push(t("LAN access is on: other computers can connect too."));
    if (!needsKey) lines.push(t("They must show the key: {0}", key));
  }
  if (generated && (needsKey || allowLanAccess)) {
    lines.push(
      t(
        "Portico made this key: {0} shows it. To give one of your own, put {1} into the config file.",
        `${program} key show`,
        `"auth": { "apiKey": "\${file:/PATH}" }`,
      ),
    );
  }
  if (config !== undefined) lines.push(t("Settings and accounts come from {0}; it is watched.", config));
  if (!sandboxOnly) {
    lines.push("");
    return lines;
  }
  const command = `${program} accounts add PROVIDER`;
  lines.push(
    "",
    t("There is no account yet, so the built-in sandbox answers, with models such as sandbox/echo. Try:"),
    `  ${curl(baseUrl, needsKey, platform)}`,
    config === undefined
      ? t("Add an account: {0}.", command)
      : t("Add an account: {0}, or in {1}; it is watched.", command, config),
    "",
  );
  return lines;
}

/** In two columns. */
function addresses(baseUrl: string): string[] {
  const rows = [
    [t("OpenAI (chat and responses)"), `${baseUrl}/v1`],
    ["Anthropic", baseUrl],
    ["Gemini", baseUrl],
  ] as const;
  const left = Math.max(...rows.map(([name]) => widthOf(name))) + 2;
  return rows.map(([name, url]) => `  ${name}${" ".repeat(left - widthOf(name))}${url}`);
}

/** A model server on this computer, offered and never used unasked. */
export function offer({ provider, label, baseUrl, models }: LocalServer, program: string): string[] {
  const some = models.length === 1 ? t("1 model") : t("{0} models", models.length);
  return [
    t("{0} answers at {1} ({2}). To use it:", label, baseUrl, some),
    `  ${program} accounts add ${provider}`,
  ];
}

/** Double quotes serve every shell, `cmd.exe` included, when those inside are escaped. */
function curl(baseUrl: string, needsKey: boolean, platform: NodeJS.Platform): string {
  const body = '{"model":"sandbox/echo","stream":true,"messages":[{"role":"user","content":"Hello"}]}';
  const windows = platform === "win32";
  const quoted = windows ? `"${body.replaceAll('"', '\\"')}"` : `'${body}'`;
  const key = needsKey ? '-H "Authorization: Bearer YOUR_KEY" ' : "";
  return `${windows ? "curl.exe" : "curl"} -N ${baseUrl}/v1/chat/completions ${key}-H "Content-Type: application/json" -d ${quoted}`;
}
