/** A finished request as log, history, pages and terminals show it: what others wrote in it cannot steer them. */
import { visible } from "../../control/visible.ts";
import type { RequestRecord } from "./record.ts";

/** In place: names of models, and what providers said. Paths and clients are so from the first. */
export function makeVisible(record: RequestRecord): void {
  if (record.model !== undefined) record.model = visible(record.model);
  if (record.modelUsed !== undefined) record.modelUsed = visible(record.modelUsed);
  if (record.error !== undefined) record.error = { ...record.error, message: visible(record.error.message) };
  if (record.warnings.length > 0) {
    record.warnings = record.warnings.map(({ feature, message }) => ({
      feature: visible(feature),
      message: visible(message),
    }));
  }
}
