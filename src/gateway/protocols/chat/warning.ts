/** What could not be said in the target protocol. */
export interface Warning {
  /** The request field or feature, e.g. `top_k`, `messages[3].content[1]`. */
  feature: string;
  /** One short sentence: what was done instead. */
  message: string;
}

export type Warn = (feature: string, message: string) => void;

/** Each loss is told once, however often it happens in a long conversation. */
export function once(warn: Warn): Warn {
  const told = new Set<string>();
  return (feature, message) => {
    const kind = `${feature.replace(/\[\d+\]/g, "[]")}\0${message}`;
    if (told.has(kind)) return;
    told.add(kind);
    warn(feature, message);
  };
}
