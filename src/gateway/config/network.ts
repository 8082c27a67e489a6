/** The way out as the environment describes it: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY. */
import { percentDecoded } from "../common/percent.ts";
import type { Network, NetworkSettings } from "../common/ports.ts";
import type { Environment } from "./load.ts";
import { isPac } from "./pac.ts";

const MAX_NO_PROXY = 1000;

export interface EnvironmentNetwork {
  readonly network: Network;
  /** What in the environment could not be followed, for the log; holds no credentials. */
  readonly warnings: readonly string[];
  /** For the log's redaction. */
  readonly secrets: readonly string[];
}

/**
 * Reads the proxy variables, lower case first as curl does. One proxy serves everything that is not
 * excepted. `NODE_EXTRA_CA_CERTS` is Node's own business and `NODE_TLS_REJECT_UNAUTHORIZED=0` is
 * followed, with a warning.
 */
export function networkFromEnvironment(env: Environment): EnvironmentNetwork {
  const warnings: string[] = [];
  const proxy = findProxy(env, warnings);
  const strictTls = env.NODE_TLS_REJECT_UNAUTHORIZED !== "0";
  if (!strictTls) warnings.push("NODE_TLS_REJECT_UNAUTHORIZED=0: certificates of providers are not verified");
  const settings: NetworkSettings = {
    ...proxy,
    noProxy: exceptions(read(env, "NO_PROXY")?.value ?? "", warnings),
    strictTls,
    systemCertificates: true,
  };
  return {
    network: { current: () => settings, onChange: () => () => {} },
    warnings,
    secrets: proxy?.proxyAuthorization === undefined ? [] : [proxy.proxyAuthorization.replace(/^Basic /, "")],
  };
}

function read(env: Environment, name: string): { name: string; value: string } | undefined {
  for (const each of [name.toLowerCase(), name]) {
    const value = env[each]?.trim();
    if (value) return { name: each, value };
  }
  return undefined;
}

function findProxy(
  env: Environment,
  warnings: string[],
): Pick<NetworkSettings, "proxy" | "proxyAuthorization" | "unproxied"> | undefined {
  let script: string | undefined;
  for (const variable of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]) {
    const found = read(env, variable);
    if (found === undefined) continue;
    if (isPac(found.value)) {
      warnings.push(`${found.name} is ignored: it names a proxy script (PAC), and those are not run`);
      script ??= found.name;
      continue;
    }
    const text = found.value.includes("://") ? found.value : `http://${found.value}`;
    if (!URL.canParse(text)) {
      warnings.push(`${found.name} is no URL and is ignored; it looks like http://host:port`);
      continue;
    }
    const url = new URL(text);
    if (!/^(?:https?|socks(?:5h?)?):$/.test(url.protocol) || url.hostname === "") {
      warnings.push(
        `${found.name} is ignored: http://, https:// and socks5:// proxies work, not ${url.protocol}//`,
      );
      continue;
    }
    const proxy = `${url.protocol}//${url.host}`;
    if (url.username === "" && url.password === "") return { proxy };
    const credentials = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
    return {
      proxy,
      proxyAuthorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
    };
  }
  // Some desktops leave the script's address there.
  script ??= read(env, "AUTO_PROXY")?.name;
  return script === undefined ? undefined : { unproxied: { script } };
}

function exceptions(value: string, warnings: string[]): string[] {
  const entries = value.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.length > MAX_NO_PROXY) {
    warnings.push(`NO_PROXY has ${entries.length} entries; only the first ${MAX_NO_PROXY} are used`);
  }
  const used = entries.slice(0, MAX_NO_PROXY);
  const ranges = used.filter((entry) => entry.includes("/"));
  if (ranges.length > 0) warnings.push(`NO_PROXY: address ranges are not supported: ${ranges.join(", ")}`);
  return used.filter((entry) => !entry.includes("/"));
}
