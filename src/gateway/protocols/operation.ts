/** What the client wants done. Only `chat` and its kin have a canonical form. */
export type Operation =
  | "chat"
  | "completions"
  | "compact"
  | "count-tokens"
  | "embeddings"
  | "response-object"
  | "extra";
