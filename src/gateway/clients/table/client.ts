/** What is to be known of one client: where its settings are, what goes into them, what beats them. */
import { dirname, join } from "node:path";
import type { ClientTarget } from "../../../control/clients.ts";
import { mergedHosts } from "../../../control/noProxy.ts";
import type { Host } from "../../config/dataDir.ts";
import type { Format, Path, Wanted } from "../formats/format.ts";
import { jsonFormat } from "../formats/json.ts";
import { textAt } from "../values.ts";

export interface ClientHost extends Host {
  /** The folder that a project's settings would be in. */
  readonly cwd: string;
  exists(path: string): boolean;
}

export interface Target extends ClientTarget {
  /** Hosts that must not go through a proxy; absent: no proxy is set. */
  readonly noProxy?: readonly string[];
}

export interface ClientSettings {
  readonly path: string;
  readonly format: Format;
  /** @param values what the file holds without us */
  wanted(target: Target, values: unknown): readonly Wanted[];
}

/** What a client keeps of the address that it is pointed at, in a file of its own. */
export interface ClientCache {
  readonly path: string;
  readonly format: Format;
  /** Where it says the address. */
  readonly address: Path;
}

/** Another place where the client would read the same, and which goes first. */
export interface Rival {
  readonly path: string;
  readonly format: Format;
  /** Any of these there beats ours. */
  readonly at: readonly Path[];
}

/** A client that can be started. */
export interface RunnableClient {
  readonly id: string;
  readonly label: string;
  /** Names of its program on the path. */
  readonly programs: readonly string[];
  /** How to get it. */
  readonly install: string;
  /** It asks for models of its own, whose names begin so, unless it is told one; absent: one has to be chosen. */
  readonly ownModels?: string;
}

/** A client that is connected by its own settings. */
export interface ClientSpec extends RunnableClient {
  /** Its settings folder. */
  folder(host: ClientHost): string;
  settings(host: ClientHost): readonly ClientSettings[];
  /** What its settings say now. @param values of its files, in their order */
  connection(values: readonly unknown[]): { baseUrl?: string | undefined; model?: string | undefined };
  rivals(host: ClientHost): readonly Rival[];
  /** Absent: it keeps nothing. */
  caches?(host: ClientHost): readonly ClientCache[];
  /** Variables that go before its settings. */
  readonly variables: readonly string[];
  /** The variable by which it asks a gateway for models to choose from; absent: it does not, or always does. */
  readonly discovery?: string;
  /** Its settings can hold `NO_PROXY`. */
  readonly keepsNoProxy: boolean;
  /** What a person should know beside the diff. */
  readonly notes: readonly string[];
}

/** Exactly as the standard has it. */
export const STRICT_JSON = jsonFormat({ comments: false, trailingCommas: false });
export const JSON_WITH_COMMENTS = jsonFormat({ comments: true, trailingCommas: false });
export const LOOSE_JSON = jsonFormat({ comments: true, trailingCommas: true });

/**
 * `NO_PROXY` in both spellings, with what is there and ours; none where no proxy is set.
 * @param values of the file @param below where variables stand in it
 */
export function noProxyValues({ noProxy }: Target, values: unknown, ...below: string[]): Wanted[] {
  if (noProxy === undefined) return [];
  return ["NO_PROXY", "no_proxy"].map((name) => {
    const path = [...below, name];
    return { path, value: mergedHosts(textAt(values, path), noProxy) };
  });
}

/** The folder that a variable names, else one below the home folder. */
export function folderBy(
  { env, home }: ClientHost,
  variable: string | undefined,
  ...below: string[]
): string {
  const chosen = variable === undefined ? undefined : env[variable];
  return chosen ? chosen : join(home, ...below);
}

/** `$XDG_CONFIG_HOME/NAME`, on every platform. */
export function xdgFolder({ env, home }: ClientHost, name: string): string {
  return join(env.XDG_CONFIG_HOME ? env.XDG_CONFIG_HOME : join(home, ".config"), name);
}

/** The first of these that exists, else the last. */
export function firstOf({ exists }: ClientHost, paths: readonly [...string[], string]): string {
  return paths.find(exists) ?? (paths.at(-1) as string);
}

/** From the folder that one is in up to its repository's; outside of one, up to the root. */
export function foldersUp({ cwd, exists }: ClientHost): string[] {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (exists(join(folder, ".git")) || folder === dirname(folder)) return folders;
  }
}

/** Where an administrator's settings of a program are. */
export function administratorsFolder(
  { platform, env }: Pick<ClientHost, "platform" | "env">,
  names: { readonly unix: string; readonly mac: string; readonly windows: string },
): string {
  if (platform === "darwin") return `/Library/Application Support/${names.mac}`;
  if (platform === "win32") return join(env.ProgramData ?? "C:\\ProgramData", names.windows);
  return `/etc/${names.unix}`;
}
