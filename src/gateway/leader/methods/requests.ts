/** Serves the methods about recorded requests. */
import * as z from "zod";
import { ControlError } from "../../../control/channel.ts";
import type { Result } from "../../../control/contract.ts";
import type { RequestMethods } from "../../../control/methods/requests.ts";
import { PROTOCOLS } from "../../../control/protocol.ts";
import type { NumberRange, RangedField, RequestFilter } from "../../../control/requests.ts";
import { withNamedKeys } from "../keyNames.ts";
import type { Served } from "./served.ts";

/** Rows of one page of a list. */
const MAX_PAGE = 500;
/** Requests of one part of an export. */
const MAX_EXPORT_PART = 2000;
/** Of each list, in one message. */
const MAX_TAKEN = 100;
/** UTF-16 units of a body that are shown; more would not be read, and a message has its limit. */
const MAX_SHOWN_BODY = 1024 * 1024;

const count = z.int().min(0);
const time = z.number().min(0);
const wanted = z.string().min(1).max(500);
const range = z.strictObject({
  above: time.exactOptional(),
  atLeast: time.exactOptional(),
  below: time.exactOptional(),
  atMost: time.exactOptional(),
} satisfies Record<keyof NumberRange, z.ZodType>);
const filter = z.strictObject({
  from: time.exactOptional(),
  to: time.exactOptional(),
  outcome: z.enum(["ok", "failed", "client-gone"]).exactOptional(),
  failedOver: z.boolean().exactOptional(),
  slowerThanMs: time.exactOptional(),
  status: z.int().min(0).max(999).exactOptional(),
  client: wanted.exactOptional(),
  protocol: z.enum(PROTOCOLS).exactOptional(),
  model: wanted.exactOptional(),
  account: wanted.exactOptional(),
  usedModel: wanted.exactOptional(),
  key: wanted.exactOptional(),
  lane: z.enum(["A", "B", "sandbox"]).exactOptional(),
  route: wanted.exactOptional(),
  errorKind: wanted.exactOptional(),
  ranges: z
    .strictObject({
      durationMs: range.exactOptional(),
      cost: range.exactOptional(),
      tokens: range.exactOptional(),
      status: range.exactOptional(),
    } satisfies Record<RangedField, z.ZodType>)
    .exactOptional(),
  text: wanted.exactOptional(),
} satisfies Record<keyof RequestFilter, z.ZodType>);
const one = z.strictObject({ id: z.string().min(1).max(100) });

export const requestMethods: Served<RequestMethods> = {
  "requests.list": {
    params: z
      .strictObject({
        filter: filter.exactOptional(),
        upTo: count.exactOptional(),
        offset: count.exactOptional(),
        limit: z.int().min(1).max(MAX_PAGE),
      })
      .optional(),
    run: ({ requests }, params) => requests.records.list(params),
  },
  "requests.get": {
    params: one,
    run: async ({ requests }, params) => withinMessage(await requests.records.get(params)),
  },
  "requests.facets": {
    params: z.undefined(),
    run: async ({ requests, keys }) => withNamedKeys(await requests.records.facets(), keys.list()),
  },
  "requests.export": {
    params: z.strictObject({
      filter: filter.exactOptional(),
      format: z.enum(["jsonl", "csv"]),
      before: count.exactOptional(),
      limit: z.int().min(1).max(MAX_EXPORT_PART),
    }),
    run: ({ requests }, params) => requests.records.exportPart(params),
  },
  "requests.clear": { params: z.undefined(), run: ({ requests }) => requests.records.clear() },
  "requests.curl": { params: one, run: ({ requests }, { id }) => requests.curl(id) },
  "requests.trySandbox": {
    params: z.undefined(),
    run: ({ requests }, _params, { signal }) => requests.trySandbox(signal),
  },
  "requests.replay": {
    params: one.extend({ model: wanted.exactOptional() }),
    run: ({ requests }, params, { signal }) => requests.replay(params, signal),
  },
  "requests.take": {
    // Each is checked by whom it is for.
    params: z.strictObject({
      records: z.array(z.unknown()).max(MAX_TAKEN),
      held: z.array(z.unknown()).max(MAX_TAKEN),
    }),
    run({ requests }, params, { caller }) {
      if (caller.browser)
        throw new ControlError("failed", "This is for another Portico of yours, not for a page.");
      return requests.take(params);
    },
  },
};

function withinMessage(details: Result<"requests.get">): Result<"requests.get"> {
  const shown = { ...details };
  for (const name of ["requestBody", "replyBody"] as const) {
    const body = details[name];
    if (body === undefined || body.text.length <= MAX_SHOWN_BODY) continue;
    shown[name] = { ...body, text: body.text.slice(0, MAX_SHOWN_BODY), cut: true };
  }
  return shown;
}
