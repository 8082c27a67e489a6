/**
 * The canonical chat model: what every protocol's request, reply and stream is decoded to and
 * encoded from in translation. It is a superset of the four; a protocol that cannot say something
 * drops it with a warning (`Warn`).
 */
export type * from "./chat/events.ts";
export type * from "./chat/parts.ts";
export * from "./chat/reply.ts";
export * from "./chat/request.ts";
export type * from "./chat/tools.ts";
export type * from "./chat/warning.ts";
