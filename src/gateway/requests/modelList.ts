/** `GET /v1/models` and `GET /v1beta/models`: one catalog in the form that the client reads. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { DEFAULT_PROTOCOL, PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import { lasting } from "../common/errors.ts";
import { within } from "../common/sleep.ts";
import type { ModelsRoute } from "../protocols/client.ts";
import { WIRES } from "../protocols/wires.ts";
import type { ModelInfo } from "../routing/candidate.ts";
import type { NormalizedPath } from "../server/paths.ts";
import { offeredTo } from "./clientView.ts";
import type { GatewayContext } from "./context.ts";
import { protocolOfHeaders } from "./errorReply.ts";

/** Milliseconds that a first listing waits for the providers' own lists. */
const WARM_MS = 4000;

/** What the client asked for of it. @param res tells when the request is cut */
export async function modelList(
  context: GatewayContext,
  route: ModelsRoute,
  req: IncomingMessage,
  res: ServerResponse,
  path: NormalizedPath,
): Promise<unknown> {
  await warm(context, res);
  const { modelList } = WIRES[route.protocol ?? speaking(req, path)];
  return route.id === undefined
    ? modelList.encode(offeredTo(context), new URLSearchParams(path.ok ? path.search : ""))
    : modelList.encodeOne(single(context, route.id));
}

/** A slow provider must not keep the list of the others from a client, nor must the end of Portico. */
async function warm({ catalog, ports }: GatewayContext, res: ServerResponse): Promise<void> {
  const cut = new Promise<void>((resolve) => res.once("cut", () => resolve()));
  await within(WARM_MS, ports.clock, Promise.race([catalog.warm(), cut]));
}

/** By what only one protocol's clients send. */
function speaking(req: IncomingMessage, path: NormalizedPath): Protocol {
  const byHeaders = protocolOfHeaders(req.headers);
  if (byHeaders !== undefined || path.key === undefined) return byHeaders ?? DEFAULT_PROTOCOL;
  return PROTOCOLS.find((protocol) => WIRES[protocol].client.keyInQuery) ?? DEFAULT_PROTOCOL;
}

function single(context: GatewayContext, id: string): ModelInfo {
  const { client, catalog } = context;
  const model = client === undefined ? catalog.find(id) : offeredTo(context).find((info) => info.id === id);
  if (model !== undefined) return model;
  throw lasting(
    "model_not_found",
    `No account serves "${id.slice(0, 200)}". GET /v1/models lists what is there.`,
  );
}
