/** VS Code on the desktop, downloaded by @vscode/test-electron; where that works. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath } from "@vscode/test-electron";
import { _electron, type ElectronApplication } from "playwright-core";
import { type Editor, type EditorOptions, say } from "./editor.ts";

/** @throws when it cannot be downloaded or started. */
export async function startElectron(options: EditorOptions): Promise<Editor> {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new Error("there is no display (xvfb-run gives one)");
  }
  const executablePath = await downloadAndUnzipVSCode({
    version: "stable",
    cachePath: join(options.cache, "vscode"),
    timeout: 20_000,
  });
  const folders = [
    `--user-data-dir=${join(options.scratch, "data")}`,
    `--extensions-dir=${join(options.scratch, "extensions")}`,
  ];
  const [cli = "", ...cliArgs] = resolveCliArgsFromVSCodeExecutablePath(executablePath, {
    reuseMachineInstall: true,
  });
  for (const vsix of options.extensions) {
    const args = [...cliArgs, ...folders, "--install-extension", vsix];
    const { status, stderr } = spawnSync(cli, args, {
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    if (status !== 0) throw new Error(`installing ${vsix} failed: ${stderr}`);
  }
  let app: ElectronApplication | undefined;
  return {
    name: "VS Code on the desktop",
    async openWindow(folder) {
      if (app === undefined) {
        say(`Starting ${executablePath}`);
        app = await _electron.launch({
          executablePath,
          args: [
            ...folders,
            "--no-sandbox",
            "--disable-gpu",
            "--disable-workspace-trust",
            "--skip-welcome",
            folder,
          ],
          env: { ...(process.env as Record<string, string>), ...options.env },
        });
        return app.firstWindow();
      }
      const opened = app.waitForEvent("window");
      spawnSync(cli, [...cliArgs, ...folders, "--new-window", folder], {
        shell: process.platform === "win32",
      });
      return opened;
    },
    stop: async () => app?.close(),
  };
}
