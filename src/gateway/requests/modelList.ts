/** `GET /v1/models` and `GET /v1beta/models`: one catalog in the shape that the client reads. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PorticoError } from "../common/errors.ts";
import {
  anthropicModel,
  anthropicModels,
  geminiModel,
  geminiModels,
  openaiModel,
  openaiModels,
} from "../routing/modelsReply.ts";
import type { NormalizedPath, PathFamily } from "../server/paths.ts";
import type { EachRoute } from "../server/routes.ts";
import type { GatewayContext } from "./context.ts";
import { protocolOfHeaders } from "./errorReply.ts";

/** Milliseconds that a first listing waits for the providers' own lists. */
const WARM_MS = 4000;

type ModelsRoute = Extract<EachRoute, { kind: "models.list" | "models.get" | "gemini.list" | "gemini.get" }>;

export async function serveModelList(
  context: GatewayContext,
  route: ModelsRoute,
  req: IncomingMessage,
  res: ServerResponse,
  path: NormalizedPath,
): Promise<void> {
  await warm(context, res);
  const query = new URLSearchParams(path.ok ? path.search : "");
  const family = familyOf(route, req, path);
  const wanted =
    route.kind === "models.get" ? route.id : route.kind === "gemini.get" ? route.model : undefined;
  const body = JSON.stringify(
    wanted === undefined ? list(context, family, query) : single(context, family, wanted),
  );
  res.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

/** A slow provider must not keep the list of the others from a client, nor must the end of Portico. */
async function warm({ catalog, ports }: GatewayContext, res: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = ports.clock.setTimeout(resolve, WARM_MS);
    res.once("cut", () => {
      timer.cancel();
      resolve();
    });
    void catalog.warm().then(() => {
      timer.cancel();
      resolve();
    });
  });
}

/** By the path where it tells, else by the headers that only one family's clients send. */
function familyOf(route: ModelsRoute, req: IncomingMessage, path: NormalizedPath): PathFamily {
  if (route.kind === "gemini.list" || route.kind === "gemini.get") return "gemini";
  if (route.family !== undefined) return route.family;
  const protocol = protocolOfHeaders(req.headers);
  if (protocol === "anthropic") return "anthropic";
  if (protocol === "gemini" || path.key !== undefined) return "gemini";
  return "openai";
}

function list({ catalog }: GatewayContext, family: PathFamily, query: URLSearchParams): unknown {
  const models = catalog.list();
  switch (family) {
    case "openai":
      return openaiModels(models);
    case "anthropic":
      return anthropicModels(models, query);
    case "gemini":
      return geminiModels(models, query);
  }
}

function single({ catalog }: GatewayContext, family: PathFamily, id: string): unknown {
  const model = catalog.find(id);
  if (model === undefined) {
    throw new PorticoError(
      "model_not_found",
      `No account serves "${id.slice(0, 200)}". GET /v1/models lists what is there.`,
      {
        retryable: false,
      },
    );
  }
  switch (family) {
    case "openai":
      return openaiModel(model);
    case "anthropic":
      return anthropicModel(model);
    case "gemini":
      return geminiModel(model);
  }
}
