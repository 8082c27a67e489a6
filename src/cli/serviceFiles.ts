/** What starts `portico serve` at log-in, as each system's own manager reads it. No secret is in any of them. */
import { posix, win32 } from "node:path";
import { t } from "@vscode/l10n";
import type { Environment } from "../gateway/config/load.ts";

export const UNIT = "portico.service";
const LABEL = "portico.gateway";
const TASK = "Portico";
/** By it our own file is told from somebody else's. */
export const MARK = "Written by portico service install";

export interface ServiceHost {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  readonly home: string;
  /** Of the user, where the system has such numbers. */
  readonly uid: number;
}

export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  /** For a shell of that system: what makes it start, now and at each log-in. */
  readonly install: readonly string[];
  /** What takes that back; the file goes afterwards. */
  readonly uninstall: readonly string[];
  readonly status: readonly string[];
}

/**
 * @param command program and arguments, in full: a manager knows no shell's variables
 * @throws where a word cannot stand in the file
 */
export function serviceFile(command: readonly string[], host: ServiceHost): ServiceFile {
  const strange = command.find((word) => /[\r\n\0]/.test(word));
  if (strange !== undefined) throw new Error(t("{0} cannot be part of a service.", JSON.stringify(strange)));
  switch (host.platform) {
    case "darwin":
      return agent(command, host);
    case "win32":
      return task(command, host);
    default:
      return unit(command, host);
  }
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html */
function unit(command: readonly string[], { env, home }: ServiceHost): ServiceFile {
  const xdg = env.XDG_CONFIG_HOME;
  const config = xdg && posix.isAbsolute(xdg) ? xdg : posix.join(home, ".config");
  const text = `# ${MARK}
[Unit]
Description=Portico, a local AI gateway

[Service]
Type=exec
ExecStart=${command.map(unitWord).join(" ")}
Restart=on-failure
RestartSec=5
# Called wrongly, or with a config file that does not hold: trying again would not help.
RestartPreventExitStatus=2
# Running requests get 30 seconds.
TimeoutStopSec=45
KillMode=mixed
UMask=0077
NoNewPrivileges=true

[Install]
WantedBy=default.target
`;
  return {
    path: posix.join(config, "systemd", "user", UNIT),
    text,
    install: ["systemctl --user daemon-reload", `systemctl --user enable --now ${UNIT}`],
    uninstall: [`systemctl --user disable --now ${UNIT}`],
    status: [`systemctl --user status ${UNIT}`],
  };
}

/** A word of `ExecStart`: quoted, and without a meaning of `%` and `$`. */
function unitWord(word: string): string {
  const escaped = word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${escaped}"`;
}

/** https://www.manpagez.com/man/5/launchd.plist/ */
function agent(command: readonly string[], { home, uid }: ServiceHost): ServiceFile {
  const path = posix.join(home, "Library", "LaunchAgents", `${LABEL}.plist`);
  const log = posix.join(home, "Library", "Logs", "Portico.log");
  const words = command.map((word) => `    <string>${xml(word)}</string>`);
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MARK} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words.join("\n")}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>45</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`;
  return {
    path,
    text,
    install: [`launchctl bootstrap gui/${uid} '${path.replaceAll("'", "'\\''")}'`],
    uninstall: [`launchctl bootout gui/${uid}/${LABEL}`, `rm '${path.replaceAll("'", "'\\''")}'`],
    status: [`launchctl print gui/${uid}/${LABEL}`],
  };
}

/** https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema */
function task([program = "", ...args]: readonly string[], { env, home }: ServiceHost): ServiceFile {
  const roaming = env.APPDATA || win32.join(home, "AppData", "Roaming");
  const path = win32.join(roaming, "Portico", "portico-task.xml");
  // Without a declaration: PowerShell hands it over as text, whatever the file's encoding.
  const text = `<!-- ${MARK} -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <LogonTrigger>
      <UserId>${xml(userOf(env))}</UserId>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${xml(program)}</Command>
      <Arguments>${xml(args.map(windowsWord).join(" "))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
  const quoted = `'${path.replaceAll("'", "''")}'`;
  return {
    path,
    text,
    install: [
      `Register-ScheduledTask -TaskName ${TASK} -Xml (Get-Content -Raw -Encoding utf8 ${quoted})`,
      `Start-ScheduledTask -TaskName ${TASK}`,
    ],
    uninstall: [
      `Stop-ScheduledTask -TaskName ${TASK}`,
      `Unregister-ScheduledTask -TaskName ${TASK} -Confirm:$false`,
    ],
    status: [`Get-ScheduledTaskInfo -TaskName ${TASK}`],
  };
}

const userOf = ({ USERDOMAIN, USERNAME = "" }: Environment): string =>
  USERDOMAIN ? `${USERDOMAIN}\\${USERNAME}` : USERNAME;

/** As programs on Windows take their command line apart. */
function windowsWord(word: string): string {
  if (/^[\w.:\\/-]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&")}"`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
const xml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
