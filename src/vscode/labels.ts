/** Words of buttons that several commands share. Read when they are shown: before, the display language is not known. */
import { t } from "@vscode/l10n";

export const labels = {
  get start() {
    return t("Start Proxy");
  },
  get openConnect() {
    return t("Open Connect");
  },
  get addAccount() {
    return t("Add Account…");
  },
  get retry() {
    return t("Try Again");
  },
  get keep() {
    return t("Keep Anyway");
  },
  get copyBaseUrl() {
    return t("Copy Base URL");
  },
  get allow() {
    return t("Allow");
  },
  get tryingEach() {
    return t("Portico tries each of them…");
  },
  get whichAccount() {
    return t("Which account?");
  },
  get addTitle() {
    return t("Portico: add account");
  },
  get exportTitle() {
    return t("Portico: export accounts");
  },
};

export function accountCount(count: number): string {
  return count === 1 ? t("1 account") : t("{0} accounts", count);
}

export function modelCount(count: number): string {
  return count === 1 ? t("1 model") : t("{0} models", count);
}
