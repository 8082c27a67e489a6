/** What clients on this computer show as their key. Pure. */
import type { AuthMode } from "./contract.ts";
import type { Open } from "./open.ts";

/** Where nobody asks for one: most tools insist on having one, and any will do. */
export const ANY_KEY = "portico";

/** `auto` does what `off` does: other computers always need the key. */
export const isKeyNeeded = (mode: Open<AuthMode>): boolean => mode !== "off" && mode !== "auto";
