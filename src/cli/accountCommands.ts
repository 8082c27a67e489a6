/** The commands about accounts, which are loaded together: most of what they need is the same. */
export { listAccounts, removeAccount, testAccounts } from "./accounts.ts";
export { addAccount } from "./addAccount.ts";
export { backUp, restore } from "./backup.ts";
export { signInAgain } from "./signInAgain.ts";
export { exportAccounts, importAccounts } from "./transferAccounts.ts";
