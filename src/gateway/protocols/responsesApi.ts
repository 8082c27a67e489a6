/** What the Responses API has beside its chat: replies and conversations that are kept, and its WebSocket. */
export { CREATE_RESPONSE } from "./openaiResponses/client.ts";
export { isOwnId } from "./openaiResponses/ids.ts";
export { codec } from "./openaiResponses/index.ts";
export { encryptedOf, precedingOf, withoutReferences } from "./openaiResponses/references.ts";
export { noConversation } from "./openaiResponses/stored/conversations.ts";
export { type PageQuery, userMessage } from "./openaiResponses/stored/itemPage.ts";
export {
  noResponse,
  type Preceding,
  ResponseStore,
  type StoreLimits,
} from "./openaiResponses/stored/store.ts";
export {
  CONNECTION_LIMIT_MS,
  connectionLimitMessage,
  errorMessage,
  readClientMessage,
  serverMessage,
  warmup,
} from "./openaiResponses/websocket.ts";
