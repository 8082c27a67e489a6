/** What VS Code does for a page, done by the browser where there is no VS Code. */
import { t } from "@vscode/l10n";
import { ControlError } from "../control/channel.ts";
import type { HostMethods } from "../control/page.ts";

type Host = { [M in keyof HostMethods]: (params: HostMethods[M][0]) => Promise<HostMethods[M][1]> };

/** Of a file that a person opens here: accounts, environment files. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** @param openPage goes to another page of this one */
export function hostInBrowser(openPage: (state: HostMethods["host.openPage"][0]) => void): Host {
  return {
    async "host.copy"({ text }) {
      await copy(text);
    },
    async "host.save"({ name, text }) {
      const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      // The browser has taken its copy by the next turn.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      return { saved: true };
    },
    async "host.openExternal"({ url }) {
      const { protocol } = new URL(url);
      if (protocol !== "https:" && protocol !== "http:") {
        throw new ControlError("bad-request", t("Only web addresses can be opened."));
      }
      window.open(url, "_blank", "noopener,noreferrer");
    },
    "host.openFile": ({ extensions }) => openFile(extensions),
    "host.openSettings": () => onlyInVsCode(),
    "host.revealData": () => onlyInVsCode(),
    "host.openTerminal": () => onlyInVsCode(),
    "host.showChanges": () => onlyInVsCode(),
    "host.showLog": () => onlyInVsCode(),
    async "host.openPage"(state) {
      openPage(state);
    },
  };
}

function onlyInVsCode(): Promise<never> {
  return Promise.reject(new ControlError("not-found", t("That works in VS Code only.")));
}

/** The clipboard API needs a secure context, which a dashboard reached by an address of the LAN is not. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied)
    throw new ControlError("failed", t("The browser did not let Portico copy. Select the text instead."));
}

function openFile(extensions: string[]): Promise<{ name: string; text: string } | undefined> {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = extensions.map((each) => `.${each}`).join(",");
  return new Promise((resolve, reject) => {
    input.addEventListener("cancel", () => resolve(undefined), { once: true });
    input.addEventListener(
      "change",
      () => {
        const file = input.files?.[0];
        if (file === undefined) resolve(undefined);
        else if (file.size > MAX_FILE_BYTES)
          reject(new ControlError("bad-request", t("That file is too large.")));
        else file.text().then((text) => resolve({ name: file.name, text }), reject);
      },
      { once: true },
    );
    input.click();
  });
}
