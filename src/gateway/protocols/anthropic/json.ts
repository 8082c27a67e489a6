/** Small helpers for JSON that came from outside. */
import { isRecord } from "../../common/json.ts";

export type JsonObject = Record<string, unknown>;

/** Whether it is a content block of whatever type. */
export function isBlock(value: unknown): value is JsonObject & { type: string } {
  return isRecord(value) && typeof value.type === "string";
}

export const isBlank = (text: string): boolean => text.trim() === "";
