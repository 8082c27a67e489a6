/** Sends a recorded request again, to the gateway's own door, as its client did. */

import { finished } from "node:stream/promises";
import type { ProxyState } from "../../control/contract.ts";
import { PROTOCOL_FACTS } from "../../control/protocol.ts";
import type { ReplayResult } from "../../control/requests.ts";
import { KEY_HEADERS } from "../protocols/endpoint.ts";
import type { RecordedRequest } from "../records/records.ts";
import { findSpans, splice } from "../requests/jsonSpans.ts";
import { normalizePath } from "../server/paths.ts";
import { routeOf } from "../server/routes.ts";
import { askSelf, NO_ANSWER } from "./askSelf.ts";

export interface ReplayDeps {
  readonly proxy: () => ProxyState;
  /** Absent while it cannot be read. */
  readonly apiKey: () => string | undefined;
}

/** Headers of its own, of its connection, or blanked when they were recorded. */
const LEFT_OUT = new RegExp(
  `^(?:host|connection|keep-alive|upgrade|te|trailer|content-length|accept-encoding|content-encoding|transfer-encoding|expect|origin|cookie|${KEY_HEADERS.join("|")}|proxy-.*|x-portico-.*|forwarded|x-forwarded-.*|x-real-ip|sec-.*)$`,
  "i",
);

/** @param model another one; absent: the same */
export async function replay(
  recorded: RecordedRequest,
  model: string | undefined,
  { proxy, apiKey }: ReplayDeps,
  signal: AbortSignal,
): Promise<ReplayResult> {
  const state = proxy();
  if (state.kind !== "running") return no("The proxy is stopped. Start it, then send the request again.");
  if (recorded.body === undefined) {
    return no(
      "What this request said was not recorded. Turn on the recording of bodies, for requests to come.",
    );
  }
  if (!recorded.complete) return no("Only part of this request was recorded, so it cannot be sent again.");
  if (recorded.method !== "POST") return no("Only requests to a model can be sent again.");
  const target = model === undefined ? recorded : withModel(recorded, recorded.body, model);
  if (target === undefined) return no("This request names no model that could be changed.");
  const headers = Object.fromEntries(recorded.headers.filter(([name]) => !LEFT_OUT.test(name)));
  const { path, body = "" } = target;
  try {
    const own = { path, headers, body, apiKey: apiKey() };
    const response = await askSelf(state.baseUrl, own, signal);
    // How it ended is in its own record.
    await finished(response.resume()).catch(() => {});
    const id = response.headers["x-request-id"];
    return typeof id === "string" ? { ok: true, id, status: response.statusCode ?? 0 } : no(NO_ANSWER);
  } catch {
    return no(NO_ANSWER);
  }
}

/** The same request for another model, wherever the protocol names it. */
function withModel(
  recorded: RecordedRequest,
  body: string,
  model: string,
): Pick<RecordedRequest, "path" | "body"> | undefined {
  const route = routeOf("POST", normalizePath(recorded.path));
  if (route.kind !== "call") return undefined;
  if (route.model !== undefined) {
    const version = PROTOCOL_FACTS[route.protocol].versionInBase ? "/v1" : "";
    return { path: version + route.path(model), body };
  }
  const bytes = Buffer.from(body);
  const spans = findSpans(bytes, route.modelAt);
  return spans.length === 0 ? undefined : { path: recorded.path, body: String(splice(bytes, spans, model)) };
}

function no(message: string): ReplayResult {
  return { ok: false, message };
}
