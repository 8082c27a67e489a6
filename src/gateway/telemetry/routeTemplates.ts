/** `http.route` of a path: without the models and ids that are in it. */
import { PROTOCOLS } from "../../control/protocol.ts";
import { WIRES } from "../protocols/wires.ts";

interface Template {
  readonly method: string;
  readonly route: string;
  readonly pattern: RegExp;
}

/** Made when the first is asked for. */
let templates: readonly Template[] | undefined;

const allTemplates = (): readonly Template[] =>
  PROTOCOLS.flatMap((protocol) => WIRES[protocol].client.paths.map(templateOf));

/** @param known `POST /v1beta/models/{model}:generateContent`, `POST /v1/images/…` */
function templateOf(known: string): Template {
  const [method = "", path = ""] = known.split(" ");
  const route = path.replace("…", "*");
  const pattern = route
    .replace(/[.+?^$()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    // A model's name may have slashes in it.
    .replace(/\{\w+\}/g, ".+?");
  return { method, route, pattern: new RegExp(`^${pattern}$`) };
}

/** @returns `undefined` for paths at which there is nothing */
export function routeTemplate(method: string, path: string): string | undefined {
  const asked = method === "HEAD" ? "GET" : method;
  templates ??= allTemplates();
  const found = templates.find(
    (each) => each.route === path || (each.method === asked && each.pattern.test(path)),
  );
  return found?.route ?? (path === "/" ? path : undefined);
}
