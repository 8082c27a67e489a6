/** What lies in the data folder, in words of which pages have translations. */

/** By how names begin. */
const FILES: readonly (readonly [string, string])[] = [
  ["accounts.json", "Accounts and routes, without keys"],
  ["keys.json", "Client keys, without the keys themselves"],
  ["preferences.json", "Settings"],
  ["secrets.json", "Keys"],
  ["state.json", "Cooldowns, quotas and budgets"],
  ["proofs.json", "Signatures of models' reasoning"],
  ["responses.json", "Stored responses"],
  ["notified.json", "What a webhook was told"],
  ["wanted.json", "Whether the proxy is to run"],
  ["suspended-clients.json", "Clients to connect again when the proxy runs"],
  ["portico.db.damaged-", "Recorded requests, damaged and set aside"],
  ["portico.db", "Recorded requests and statistics"],
  ["leader.db", "Which process leads"],
  ["gateway.json", "Where the running gateway is"],
];
const BROKEN = "Set aside: it could not be read";

export const FILE_KINDS: readonly string[] = [...FILES.map(([, kind]) => kind), BROKEN];

/** @returns `""` where it is not known */
export function kindOfFile(name: string): string {
  if (name.includes(".broken-")) return BROKEN;
  return FILES.find(([begin]) => name.startsWith(begin))?.[1] ?? "";
}
