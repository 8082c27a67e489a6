/** What may arrive over the control API about recorded requests. */
import * as z from "zod";
import { PROTOCOLS } from "../../../control/protocol.ts";
import type { RequestMethods } from "../../../control/requests.ts";

type RequestMethod = keyof RequestMethods;

/** Rows of one page of a list. */
export const MAX_PAGE = 500;
/** Requests of one part of an export. */
export const MAX_EXPORT_PART = 2000;
/** Of each list, in one message. */
const MAX_TAKEN = 100;

const count = z.int().min(0);
const time = z.number().min(0);
const outcome = z.enum(["ok", "failed", "client-gone"]);
const protocol = z.enum(PROTOCOLS);

const wanted = z.string().min(1).max(500);
const filter = z.strictObject({
  from: time.exactOptional(),
  to: time.exactOptional(),
  outcome: outcome.exactOptional(),
  failedOver: z.boolean().exactOptional(),
  slowerThanMs: time.exactOptional(),
  status: z.int().min(0).max(999).exactOptional(),
  client: wanted.exactOptional(),
  protocol: protocol.exactOptional(),
  model: wanted.exactOptional(),
  account: wanted.exactOptional(),
  text: wanted.exactOptional(),
});
const id = z.string().min(1).max(100);

export const requestParamSchemas: {
  readonly [M in RequestMethod]: z.ZodType<RequestMethods[M][0]>;
} = {
  "requests.list": z
    .strictObject({
      filter: filter.exactOptional(),
      upTo: count.exactOptional(),
      offset: count.exactOptional(),
      limit: z.int().min(1).max(MAX_PAGE),
    })
    .optional(),
  "requests.get": z.strictObject({ id }),
  "requests.facets": z.undefined(),
  "requests.export": z.strictObject({
    filter: filter.exactOptional(),
    format: z.enum(["jsonl", "csv"]),
    before: count.exactOptional(),
    limit: z.int().min(1).max(MAX_EXPORT_PART),
  }),
  "requests.clear": z.undefined(),
  "requests.curl": z.strictObject({ id }),
  "requests.replay": z.strictObject({ id, model: wanted.exactOptional() }),
  // Each is checked by whom it is for.
  "requests.take": z.strictObject({
    records: z.array(z.unknown()).max(MAX_TAKEN),
    held: z.array(z.unknown()).max(MAX_TAKEN),
  }),
};
