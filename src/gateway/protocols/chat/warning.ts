/** What could not be said in the target protocol. */
export interface Warning {
  /** The request field or feature, e.g. `top_k`, `messages[3].content[1]`. */
  feature: string;
  /** One short sentence: what was done instead. */
  message: string;
}

export type Warn = (feature: string, message: string) => void;
