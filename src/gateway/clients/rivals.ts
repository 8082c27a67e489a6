/** What beats a client's own settings on this computer, in words. */
import { resolve } from "node:path";
import { LOCAL_HOSTS } from "../../control/noProxy.ts";
import { valueAt } from "../common/json.ts";
import { readClientFile } from "./clientFile.ts";
import type { ClientHost, ClientSpec, Rival } from "./table/client.ts";

/** Sentences; none: nothing does. */
export async function beatenBy(spec: ClientSpec, host: ClientHost): Promise<string[]> {
  const found: string[] = [];
  // From the home folder, a project's settings are its own.
  const own = new Set(spec.settings(host).map(({ path }) => resolve(path)));
  for (const rival of spec.rivals(host)) {
    if (own.has(resolve(rival.path))) continue;
    if (await says(rival)) found.push(`${rival.path} goes before its own settings.`);
  }
  for (const name of spec.variables) {
    if (host.env[name]) found.push(`The environment variable ${name} goes before its settings.`);
  }
  if (!spec.keepsNoProxy && needsNoProxy(host)) {
    found.push(
      `A proxy is set (${proxyVariable(host)}), and it sends even ${LOCAL_HOSTS[0]} there: set NO_PROXY, or use portico run ${spec.id}.`,
    );
  }
  return found;
}

/** A proxy is set that would get what is for the gateway. */
function needsNoProxy(host: Pick<ClientHost, "env">): boolean {
  if (proxyVariable(host) === undefined) return false;
  const excepted = `${host.env.NO_PROXY ?? ""},${host.env.no_proxy ?? ""}`
    .split(",")
    .map((each) => each.trim());
  return !["*", LOCAL_HOSTS[0]].some((each) => excepted.includes(each ?? ""));
}

/** The variable that names a proxy. */
export function proxyVariable({ env }: Pick<ClientHost, "env">): string | undefined {
  return ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].find(
    (name) => env[name],
  );
}

async function says({ path, format, at }: Rival): Promise<boolean> {
  try {
    const { text } = await readClientFile(path);
    if (text === undefined) return false;
    const values = format.parse(text);
    return at.some((each) => valueAt(values, each) !== undefined);
  } catch {
    // Nobody can say what the client makes of it.
    return false;
  }
}
