/** What the client wants done. Only `chat` and its kin have a canonical form. */
export type Operation =
  | "chat"
  | "completions"
  | "compact"
  | "count-tokens"
  | "embeddings"
  | "response-object"
  | "extra";

/** A conversation that a model goes on with: these have a canonical form, for requests as for replies. */
export function isChat(operation: Operation): operation is "chat" | "completions" | "compact" {
  return operation === "chat" || operation === "completions" || operation === "compact";
}
