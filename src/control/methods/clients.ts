/** Methods about the tools of this computer that can be connected to Portico by their own settings. */
import type { ClientPreview, ClientState, ClientTexts, ClientWish } from "../clients.ts";
import { type MethodsOf, method, type Shape } from "./method.ts";

const state: Shape<ClientState> = {
  id: "string",
  label: "string",
  found: "boolean",
  files: ["string"],
  connected: "boolean",
  undoable: "boolean",
  beatenBy: ["string"],
};

export const clientMethods = {
  /** Of the computer that the gateway runs on. */
  "clients.list": method<undefined, ClientState[]>([state]),
  /** Writes nothing. */
  "clients.preview": method<ClientWish, ClientPreview>({
    files: [{ path: "string", what: "string", lines: [{ sign: "string", text: "string" }] }],
    left: ["string"],
    dropped: ["string"],
    notes: ["string"],
    seen: "string",
  }),
  /** The same, as whole files. */
  "clients.texts": method<ClientWish, ClientTexts>({ files: [{ path: "string" }] }),
  /** @see ClientPreview.seen */
  "clients.apply": method<{ wish: ClientWish; seen: string }, ClientState>(state),
};
export type ClientMethods = MethodsOf<typeof clientMethods>;
