/** Methods about client keys. */
import type { KeyChange, KeyView, MadeKey, NewKey } from "../keys.ts";
import { type MethodsOf, method, type Shape } from "./method.ts";

const key: Shape<KeyView> = {
  id: "string",
  name: "string",
  shown: "string",
  state: "string",
  enabled: "boolean",
  readOnly: "boolean",
};
const made: Shape<MadeKey> = { view: key, key: "string" };

export const keyMethods = {
  /** The config file's first. */
  "keys.list": method<undefined, KeyView[]>([key]),
  /** The key itself is told here and nowhere else. */
  "keys.add": method<NewKey, MadeKey>(made),
  /** Also of `local`, whoever calls from this computer without a key: made where there is none. */
  "keys.update": method<KeyChange, KeyView>(key),
  /** Another secret. @param graceMs for which the old one counts as well; an hour by default */
  "keys.rotate": method<{ id: string; graceMs?: number }, MadeKey>(made),
  /** For good: its digest is remembered and refused. */
  "keys.revoke": method<{ id: string }, { revoked: boolean }>({ revoked: "boolean" }),
};
export type KeyMethods = MethodsOf<typeof keyMethods>;
