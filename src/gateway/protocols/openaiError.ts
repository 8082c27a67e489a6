/** The error bodies of OpenAI's protocols, with what compatible servers make of them. */
import { isRecord } from "../common/json.ts";

/** Compatible providers differ in the rest; `message` or `detail` alone is what some send. */
export function isOpenaiError(body: unknown): boolean {
  if (!isRecord(body)) return false;
  const { error, type, message, detail } = body;
  return (
    (isRecord(error) && typeof error.message === "string") ||
    typeof error === "string" ||
    (type === undefined && (typeof message === "string" || detail !== undefined))
  );
}
