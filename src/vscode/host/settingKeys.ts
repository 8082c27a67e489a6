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
    if (value === undefined || value === null) continue;
    const [group, name] = key.split(".");
    if (group === undefined) continue;
    if (name === undefined) nested[group] = value;
    else nested[group] = { ...(nested[group] as Record<string, unknown> | undefined), [name]: value };
  }
  return nested;
}
