/** Between the leader and what records its requests. */
import type { Account } from "../providers/account.ts";
import type { AccountFacts, Records } from "../records/records.ts";
import type { Subscribers } from "./subscribers.ts";

/** What a record keeps of an account. */
export function factsOf(accounts: readonly Account[], id: string): AccountFacts | undefined {
  const account = accounts.find((each) => each.id === id);
  if (account === undefined) return undefined;
  const { label, provider, endpoints } = account;
  return { label, provider: provider.id, base: (protocol) => endpoints.get(protocol)?.base };
}

/** Listens to new rows for as long as somebody watches them: they cost something to make. */
export function rowsWhileWatched(
  records: Pick<Records, "onRows">,
  subscribers: Subscribers,
): { watch(): void; close(): void } {
  let stop: (() => void) | undefined;
  const close = () => {
    stop?.();
    stop = undefined;
  };
  return {
    watch() {
      if (!subscribers.wants("requests")) close();
      else
        stop ??= records.onRows((event) => {
          // Clients go without a word.
          if (subscribers.wants("requests")) subscribers.tell("requests", event);
          else close();
        });
    },
    close,
  };
}
