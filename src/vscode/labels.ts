/** Words of buttons that several commands share. Called when they are shown: before, the display language is not known. */
import { t } from "@vscode/l10n";

export const labels = {
  start: () => t("Start Proxy"),
  openConnect: () => t("Open Connect"),
  addAccount: () => t("Add Account…"),
  retry: () => t("Try Again"),
  keep: () => t("Keep Anyway"),
  copyBaseUrl: () => t("Copy Base URL"),
  allow: () => t("Allow"),
  tryingEach: () => t("Portico tries each of them…"),
  whichAccount: () => t("Which account?"),
  addTitle: () => t("Portico: add account"),
  exportTitle: () => t("Portico: export accounts"),
};

export function accountCount(count: number): string {
  return count === 1 ? t("1 account") : t("{0} accounts", count);
}

export function modelCount(count: number): string {
  return count === 1 ? t("1 model") : t("{0} models", count);
}
