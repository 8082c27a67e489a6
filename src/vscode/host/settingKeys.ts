/** How the settings below `portico.` are told to the gateway. */

/** These concern the window, not the gateway. */
export const AUTO_START_KEY = "autoStart";
/** Of the models in VS Code's own chat. */
export const CHAT_KEYS = ["chat.enabled", "chat.models", "chat.extensions"] as const;
/** Whether new terminals are told of Portico. */
export const TERMINALS_KEY = "terminals.enabled";

/** `[["auth.mode", "off"]]` -> `{auth: {mode: "off"}}`, without what has no value. */
export function nestSettings(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (value !== undefined && value !== null) {
      const [group, name] = key.split(".") as [string, string?];
      nested[group] = name ? { ...(nested[group] as object | undefined), [name]: value } : value;
    }
  }
  return nested;
}
