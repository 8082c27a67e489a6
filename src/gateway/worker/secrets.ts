/** The secrets of the worker's window. */
import type { WindowMethod, WindowMethods } from "../../control/window.ts";
import type { SecretStore } from "../common/ports.ts";

export type CallWindow = <M extends WindowMethod>(
  method: M,
  params: WindowMethods[M][0],
) => Promise<WindowMethods[M][1]>;

/** As the window's extension host has it. */
export const windowSecrets = (call: CallWindow): SecretStore => ({
  get: (key) => call("secrets.get", { key }),
  set: async (key, value) => void (await call("secrets.set", { key, value })),
  delete: async (key) => void (await call("secrets.delete", { key })),
});
