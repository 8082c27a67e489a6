/**
 * The window's secrets, kept in memory once read: a busy extension host must not hold up a request.
 * Only the leader writes secrets, so what it knows stays true.
 */
import type { WindowMethod, WindowMethods } from "../../control/window.ts";
import type { SecretStore } from "../common/ports.ts";

export type CallWindow = <M extends WindowMethod>(
  method: M,
  params: WindowMethods[M][0],
) => Promise<WindowMethods[M][1]>;

const MAX_KEPT = 5000;

/** @param onSecret hears every value, for the log's redaction. */
export function windowSecrets(call: CallWindow, onSecret: (value: string) => void): SecretStore {
  const kept = new Map<string, string>();
  const keep = (key: string, value: string) => {
    onSecret(value);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, value);
  };
  return {
    async get(key, options) {
      const known = kept.get(key);
      if (known !== undefined && options?.fresh !== true) return known;
      const value = await call("secrets.get", { key });
      // What is not there may come later, e.g. once a keyring is unlocked.
      if (value === undefined) kept.delete(key);
      else keep(key, value);
      return value;
    },
    async set(key, value) {
      onSecret(value);
      await call("secrets.set", { key, value });
      keep(key, value);
    },
    async delete(key) {
      kept.delete(key);
      await call("secrets.delete", { key });
    },
  };
}
