/** What the page may ask in a dialog. */
import type { ListedAccount } from "../../../control/accounts.ts";

export type AccountDialog =
  | { kind: "again"; account: ListedAccount }
  | { kind: "remove"; chosen: readonly ListedAccount[] }
  | { kind: "export"; chosen: readonly ListedAccount[] };
