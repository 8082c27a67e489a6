/** The real parts that a leader puts to work. */
import { checkAccount } from "../accounts/check.ts";
import { detectLocal } from "../accounts/local.ts";
import { createGateway } from "../gateway.ts";
import { PROVIDERS } from "../providers/providers.ts";
import { openRecords } from "../records/records.ts";
import type { LeaderDependencies } from "./options.ts";

export const leaderDependencies: LeaderDependencies = {
  createGateway,
  openRecords,
  providers: Object.values(PROVIDERS),
  checkAccount: (account, gateway, signal, key) =>
    checkAccount(
      account,
      (asked, { path, protocol, body }) => gateway.getJson(asked, path, protocol, signal, body),
      key,
    ),
  detectLocal: (known, signal) => detectLocal({ known, signal }),
};
