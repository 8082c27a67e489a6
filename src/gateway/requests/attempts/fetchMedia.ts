/**
 * Images and files by address, fetched for targets that take bytes only. The address comes from
 * whoever wrote the conversation, so it must lead to the public internet: https, and every address
 * that a name resolves to is checked at the moment of connecting, also on each redirect.
 */

import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Agent, type Dispatcher } from "undici";
import type { Protocol } from "../../../control/protocol.ts";
import { messageOf } from "../../common/errors.ts";
import { USER_AGENT } from "../../common/version.ts";
import type {
  AssistantPart,
  ChatRequest,
  Message,
  Source,
  ToolResultContent,
  UserPart,
  Warn,
} from "../../protocols/chat.ts";
import type { Media } from "../../protocols/mediaRule.ts";
import { WIRES } from "../../protocols/wires.ts";
import { exchange } from "../../upstream/exchange.ts";
import { BodyTooLarge, collect } from "../../upstream/flow.ts";

/** Bytes of one file. */
const FILE_BYTES = 20 * 1024 * 1024;
/** Bytes of all files of one request. */
const REQUEST_BYTES = 60 * 1024 * 1024;
/** Milliseconds for one file, redirects included. */
const DEADLINE_MS = 10_000;
const REDIRECTS = 5;
/** Addresses of one request that are fetched. */
const FILES = 20;
/** Fetched at once. */
const AT_ONCE = 4;

/** https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry */
const PRIVATE = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  PRIVATE.addSubnet(net, bits, "ipv4");
}
/** Global unicast is `2000::/3`; of that, what is reserved or leads to an IPv4 address inside. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet("2000::", 3, "ipv6");
for (const [net, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  PRIVATE.addSubnet(net, bits, "ipv6");
}

/** Is this an address of the public internet? */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !PRIVATE.check(address, "ipv4");
    case 6:
      return GLOBAL_V6.check(address, "ipv6") && !PRIVATE.check(address, "ipv6");
    default:
      return false;
  }
}

export class NotFetched extends Error {
  override readonly name = "NotFetched";
}

export interface Fetched {
  readonly mediaType: string | undefined;
  readonly data: Buffer;
}

export interface MediaFetcherOptions {
  readonly isPublic?: (address: string) => boolean;
  readonly lookup?: LookupFunction;
  /** PEM of further authorities. */
  readonly ca?: string;
}

export class MediaFetcher {
  readonly #isPublic: (address: string) => boolean;
  readonly #lookup: LookupFunction;
  readonly #ca: string | undefined;
  #agent: Dispatcher | undefined;

  constructor(options: MediaFetcherOptions = {}) {
    this.#isPublic = options.isPublic ?? isPublicAddress;
    this.#lookup = options.lookup ?? systemLookup;
    this.#ca = options.ca;
  }

  /**
   * @throws NotFetched saying why, for a person
   */
  async fetch(address: string, signal: AbortSignal): Promise<Fetched> {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
    let url = this.#checked(address);
    for (let hops = 0; ; hops++) {
      try {
        const { status, headers, flow } = await exchange(
          {
            url,
            method: "GET",
            headers: ["user-agent", USER_AGENT, "accept", "*/*"],
            body: null,
            key: undefined,
          },
          {
            dispatcher: this.#dispatcher(),
            headersTimeoutMs: DEADLINE_MS,
            idleTimeoutMs: DEADLINE_MS,
            signal: ends,
          },
        );
        if (status >= 300 && status < 400 && typeof headers.location === "string") {
          flow.abort();
          if (hops >= REDIRECTS) throw new NotFetched("it redirects too often");
          url = this.#checked(new URL(headers.location, url).href);
          continue;
        }
        if (status !== 200) {
          flow.abort();
          throw new NotFetched(`its server answered ${status}`);
        }
        if (Number(headers["content-length"] ?? 0) > FILE_BYTES) {
          flow.abort();
          throw new NotFetched("it is larger than 20 MB");
        }
        const data = await collect(flow, FILE_BYTES);
        return { data, mediaType: headers["content-type"]?.split(";")[0]?.trim().toLowerCase() };
      } catch (error) {
        throw reasonOf(error, ends);
      }
    }
  }

  /**
   * The request with the bytes of what its target would not fetch itself. What cannot be had becomes
   * a placeholder text and a warning.
   */
  async inline(
    request: ChatRequest,
    target: { protocol: Protocol; provider: string },
    warn: Warn,
    signal: AbortSignal,
  ): Promise<ChatRequest> {
    const wanted = new Set<string>();
    const needs = (part: Media): string | undefined => {
      if (part.source.kind !== "url" || part.source.url.startsWith("data:")) return undefined;
      return WIRES[target.protocol].mediaRule(part, target.provider) === "bytes"
        ? part.source.url
        : undefined;
    };
    mapMedia(request, (part) => {
      const url = needs(part);
      if (url !== undefined) wanted.add(url);
      return part;
    });
    if (wanted.size === 0) return request;
    const results = await this.#all([...wanted], signal);
    return mapMedia(request, (part) => {
      const url = needs(part);
      if (url === undefined) return part;
      const result = results.get(url) ?? "it is one too many";
      if (typeof result !== "string") return withSource(part, sourceOf(part, result));
      warn(part.type, `not fetched: ${result}; a placeholder was sent`);
      return { type: "text", text: `[${part.type} omitted: ${shown(url)} was not fetched: ${result}]` };
    });
  }

  async close(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.destroy();
  }

  async #all(urls: readonly string[], signal: AbortSignal): Promise<Map<string, Fetched | string>> {
    const results = new Map<string, Fetched | string>();
    const queue = urls.slice(0, FILES);
    let bytes = 0;
    const work = async () => {
      for (let url = queue.shift(); url !== undefined; url = queue.shift()) {
        try {
          const fetched = await this.fetch(url, signal);
          bytes += fetched.data.length;
          results.set(url, bytes > REQUEST_BYTES ? "the files together are too large" : fetched);
        } catch (error) {
          results.set(url, messageOf(error));
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return results;
  }

  #checked(address: string): URL {
    const url = URL.parse(address);
    if (url === null) throw new NotFetched("it is no address");
    if (url.protocol !== "https:") throw new NotFetched("only https addresses are fetched");
    if (url.username !== "" || url.password !== "") throw new NotFetched("it holds a password");
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !this.#isPublic(host)) throw new NotFetched("it is not on the public internet");
    return url;
  }

  #dispatcher(): Dispatcher {
    this.#agent ??= new Agent({
      // Names are checked as they are resolved for the connection: nothing can change in between.
      connect: {
        lookup: (host, options, callback) => this.#resolve(host, options, callback),
        timeout: DEADLINE_MS,
        ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      },
      connections: AT_ONCE,
      pipelining: 0,
    });
    return this.#agent;
  }

  readonly #resolve: LookupFunction = (host, options, callback) => {
    this.#lookup(host, { ...options, all: true }, (error, addresses) => {
      const all = Array.isArray(addresses) ? addresses : [];
      const found = all.filter(({ address }) => this.#isPublic(address));
      const [first] = found;
      if (error !== null || first === undefined) {
        callback(error ?? new NotFetched("it is not on the public internet"), "", 0);
      } else if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

function reasonOf(error: unknown, ends: AbortSignal): NotFetched {
  if (error instanceof NotFetched) return error;
  if (error instanceof BodyTooLarge) return new NotFetched("it is larger than 20 MB");
  if (ends.aborted) return new NotFetched("it took longer than 10 seconds");
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return new NotFetched(`the connection failed${typeof code === "string" ? ` (${code})` : ""}`);
}

/** Without query: it may be signed. */
function shown(url: string): string {
  return (url.split(/[?#]/)[0] ?? "").slice(0, 200);
}

function sourceOf(part: Media, { data, mediaType }: Fetched): Source {
  const given = part.source.kind === "url" ? part.source.mediaType : undefined;
  const vague = mediaType === undefined || mediaType === "application/octet-stream";
  const type = vague ? (given ?? DEFAULT_TYPE[part.type]) : mediaType;
  return { kind: "base64", mediaType: type, data: data.toString("base64") };
}

const DEFAULT_TYPE: Readonly<Record<Media["type"], string>> = {
  image: "image/jpeg",
  document: "application/pdf",
  audio: "audio/mpeg",
  video: "video/mp4",
};

function withSource<T extends Media>(part: T, source: Source): T {
  return { ...part, source };
}

type Text = { type: "text"; text: string };

/** Every image, document, audio and video, also inside tool results, replaced; the rest is shared. */
function mapMedia(request: ChatRequest, replace: (part: Media) => Media | Text): ChatRequest {
  let changed = false;
  const each = <T extends UserPart | AssistantPart | ToolResultContent>(part: T): T | Media | Text => {
    switch (part.type) {
      case "image":
      case "document":
      case "audio":
      case "video": {
        const replaced = replace(part);
        if (replaced !== part) changed = true;
        return replaced;
      }
      default:
        return part;
    }
  };
  const messages = request.messages.map((message): Message => {
    switch (message.role) {
      case "user":
        return { ...message, parts: message.parts.map((part) => each(part)) };
      case "tool":
        return {
          ...message,
          parts: message.parts.map((part) => ({
            ...part,
            content: part.content.map((inner) => each(inner)),
          })),
        };
      default:
        // What an assistant made is sent back as it came.
        return message;
    }
  });
  return changed ? { ...request, messages } : request;
}
