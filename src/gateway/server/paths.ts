/**
 * One spelling per path. Clients are given base URLs with and without `/v1`, with doubled and
 * trailing slashes, with a provider's prefix; all of them mean the same place.
 */

import { PROTOCOLS } from "../../control/protocol.ts";
import { percentDecoded } from "../common/percent.ts";
import { WIRES } from "../protocols/wires.ts";

const SIDES = PROTOCOLS.map((protocol) => WIRES[protocol].client);

export interface ReadablePath {
  readonly ok: true;
  /** Starts with `/`, percent-encoded, no doubled or trailing slash: `/v1/chat/completions`. */
  readonly path: string;
  /** The same, decoded and split: `["v1", "chat", "completions"]`. */
  readonly segments: readonly string[];
  /** The query without `key`, as it was sent: `?alt=sse` or `""`. */
  readonly search: string;
  /** The query's first `key`: a credential, never to be logged or passed on. */
  readonly key?: string;
  /** The API family that a prefix named, for paths that several have (`/v1/models`). */
  readonly family?: string;
}
export interface UnreadablePath {
  readonly ok: false;
  /** For the client: a 400. */
  readonly message: string;
  readonly key?: string;
}
export type NormalizedPath = ReadablePath | UnreadablePath;

const MAX_PATH_LENGTH = 8192;
const FAMILIES: ReadonlySet<string> = new Set(SIDES.map(({ family }) => family));
const VERSIONS: ReadonlySet<string> = new Set(SIDES.flatMap(({ versions }) => versions));
const isControl = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
};

/** Clients ask for the same few paths all the time. */
const seen = new Map<string, NormalizedPath>();
const MAX_SEEN = 200;
const MAX_SEEN_LENGTH = 200;

/** @param rawUrl a request target as Node gives it: path and query. Never throws. */
export function normalizePath(rawUrl: string): NormalizedPath {
  const before = seen.get(rawUrl);
  if (before !== undefined) return before;
  const path = readPath(rawUrl);
  // A key has no place in a cache.
  if (path.key === undefined && rawUrl.length <= MAX_SEEN_LENGTH) {
    if (seen.size >= MAX_SEEN) seen.clear();
    seen.set(rawUrl, path);
  }
  return path;
}

function readPath(rawUrl: string): NormalizedPath {
  const url = rawUrl.split("#", 1)[0] ?? "";
  const mark = url.indexOf("?");
  const rawPath = mark === -1 ? url : url.slice(0, mark);
  const { search, key } = takeKey(mark === -1 ? "" : url.slice(mark + 1));
  const withKey = key === undefined ? {} : { key };

  if (!rawPath.startsWith("/")) {
    return {
      ok: false,
      message: "The request target has to be a path; Portico is not a forward proxy.",
      ...withKey,
    };
  }
  if (rawPath.length > MAX_PATH_LENGTH) {
    return { ok: false, message: `The path is longer than ${MAX_PATH_LENGTH} characters.`, ...withKey };
  }
  const given = decodeSegments(rawPath);
  if (given === undefined) {
    return {
      ok: false,
      message: "The path holds a broken percent-encoding, a control character, a backslash or a dot segment.",
      ...withKey,
    };
  }
  const { segments, family } = canonicalSegments(given);
  return {
    ok: true,
    path: `/${segments.map(encodeSegment).join("/")}`,
    segments,
    search,
    ...withKey,
    ...(family === undefined ? {} : { family }),
  };
}

function decodeSegments(rawPath: string): string[] | undefined {
  const segments: string[] = [];
  for (const raw of rawPath.split("/")) {
    let decoded: string;
    try {
      decoded = decodeURIComponent(raw);
      encodeURIComponent(decoded);
    } catch {
      return undefined;
    }
    // An encoded slash separates like any other: model ids come both ways.
    for (const segment of decoded.split("/")) {
      if (segment === "") continue;
      if (segment.includes("\\") || isControl(segment)) return undefined;
      // Encoded twice it is still refused: what comes after us may decode again.
      if (/^(?:\.|%2e){1,2}$/i.test(segment)) return undefined;
      segments.push(segment);
    }
  }
  return segments;
}

function canonicalSegments(given: readonly string[]): { segments: string[]; family: string | undefined } {
  let family: string | undefined;
  let version: string | undefined;
  let start = 0;
  for (; start < given.length; start++) {
    const segment = (given[start] ?? "").toLowerCase();
    if (VERSIONS.has(segment)) version = segment;
    else if (FAMILIES.has(segment)) family = segment;
    else break;
  }
  const rest = SIDES.reduce<readonly string[]>(
    (segments, side) => side.respell?.(segments) ?? segments,
    given.slice(start),
  );
  const [head] = rest;
  if (head === undefined) return { segments: version === undefined ? [] : [version], family };
  if (rest.length === 1 && (head === "health" || head === "healthz"))
    return { segments: ["healthz"], family };
  if (rest.length === 1 && head === "metrics" && start === 0) return { segments: ["metrics"], family };
  const side =
    SIDES.find(({ heads }) => heads.includes(head)) ??
    SIDES.find((each) => each.family === family) ??
    SIDES.find(({ owns }) => owns?.(rest));
  const spoken = side === undefined || side.versions.includes(version ?? "") ? version : undefined;
  return { segments: [spoken ?? side?.versions[0] ?? "v1", ...rest], family };
}

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@");

function takeKey(query: string): { search: string; key: string | undefined } {
  const kept: string[] = [];
  let key: string | undefined;
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (percentDecoded(equals === -1 ? pair : pair.slice(0, equals)) !== "key") kept.push(pair);
    // `+` stays: a key holds no space, and not every client encodes its plus signs.
    else key ??= equals === -1 ? "" : percentDecoded(pair.slice(equals + 1));
  }
  return { search: kept.length === 0 ? "" : `?${kept.join("&")}`, key };
}
