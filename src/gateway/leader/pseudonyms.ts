/**
 * Other names for what a person chose or what says who they are, the same one for the same thing: `account-1`,
 * `host-2`. What others said in their own words is left out.
 */

/** Of errors that Node.js and TLS name themselves; they say what was wrong, and of whom nothing. */
const CODES =
  /\b(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|EACCES|EADDRINUSE|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|ERR_TLS_CERT_ALTNAME_INVALID|UND_ERR_[A-Z_]{1,30})\b/g;

/** As `foreignText` writes them down; a line may have been cut within. */
const QUOTED = /“([^”]*)(?:”|$)/g;
const EMAIL = /[^\s@"'`<>()[\]=,;:/\\]{1,64}@[^\s@"'`<>()[\]=,;:/\\]{1,190}\.[^\s@"'`<>()[\]=,;:/\\]{1,60}/gu;
const HOME = /((?:\/home|\/Users|\/var\/home|[A-Za-z]:(?:\\{1,2}|\/)Users)(?:\/|\\{1,2}))[^\s/\\"':]+/g;
const IN_URL =
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^\s/@"'\\]{1,300}@)?(\[[0-9a-f:.]{2,45}\]|[^\s/:"'\\?#,;)\]}<>]+)/gi;
/** What a client sent to our guard. */
const SENT = /\b(Host(?: header)?|origin) "([^"]*)"|(\ba forwarded request) \([^)]*\)/g;
const LOOKED_UP = /\b(ENOTFOUND|EAI_AGAIN) ([^\s"',;)]+)/g;
const ADDRESS =
  /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w)|(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}(?![\w:])/gi;
/** The places in which our own log names accounts, also those that are gone meanwhile. */
const IN_LOG = [
  /(\baccount=)([A-Za-z0-9][A-Za-z0-9._-]{0,63})/g,
  /( -> )([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?=[ /])/g,
];

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[?::1?\]?)$/i;

export interface Known {
  /** In the order in which they are numbered. */
  readonly accounts: readonly { readonly id: string; readonly label: string; readonly provider: string }[];
  /** Host names that a person chose, without ports. */
  readonly hosts: readonly string[];
  /** What stands for itself, such as a folder's path, and what is said instead. */
  readonly texts: readonly (readonly [string, string])[];
}

/** Shorter labels and ids are ordinary words, but for the places where an id must stand. */
const MIN_NAME = 4;
const MIN_ID = 3;
/** Time and level. */
const BEGIN = /^(?:\d{4}-\d\d-\d\dT\S{1,20} )?(?:debug|info|warn|error) /;
/** Stands for a number of an account until all is replaced: somebody may be called `account-1`. */
const HELD = /[\u{F0000}-\u{FFFFD}]/gu;
const FIRST_HELD = 0xf0000;
const MAX_HELD = 0xfffd;

export class Pseudonyms {
  readonly #accounts = new Map<string, string>();
  readonly #hosts = new Map<string, string>();
  readonly #texts: readonly (readonly [string, string])[];
  readonly #names: RegExp | undefined;
  readonly #named = new Map<string, string>();

  constructor({ accounts, hosts, texts }: Known) {
    for (const { id } of accounts) this.account(id);
    for (const host of hosts) {
      if (!LOOPBACK.test(host)) this.#named.set(host.toLowerCase(), this.#host(host));
    }
    for (const { id, label, provider } of accounts) {
      // The provider's own name tells nothing, and stands in many places.
      if (!isUsual(id, provider) && id.length >= MIN_ID) this.#named.set(id.toLowerCase(), this.#held(id));
      if (!isUsual(label, provider) && label.length >= MIN_NAME) {
        this.#named.set(label.toLowerCase(), this.#held(id));
      }
    }
    const longestFirst = [...this.#named.keys()].sort((a, b) => b.length - a.length);
    if (longestFirst.length > 0) {
      const any = longestFirst.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
      this.#names = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, "giu");
    }
    // As it is, and as a field of a log line has it.
    this.#texts = texts
      .filter(([text]) => text.length > 1)
      .flatMap(([text, said]) => [[text, said] as const, [JSON.stringify(text).slice(1, -1), said] as const]);
  }

  account(id: string): string {
    return numbered(this.#accounts, id, "account");
  }

  /** @param line of a log, or of words that Portico says itself */
  scrub(line: string): string {
    const [begin = ""] = BEGIN.exec(line) ?? [];
    return begin + this.#scrubbed(line.slice(begin.length).replace(HELD, ""));
  }

  #scrubbed(line: string): string {
    let text = line.replace(QUOTED, (_all, words: string) => {
      const codes = words.match(CODES) ?? [];
      return codes.length === 0 ? "“…”" : `“… ${[...new Set(codes)].join(" ")} …”`;
    });
    for (const [known, said] of this.#texts) text = text.replaceAll(known, said);
    text = text.replace(HOME, "$1USER");
    text = text.replace(IN_URL, (_all, scheme: string, host: string) => scheme + this.#host(host));
    text = text.replace(SENT, (_all, what: string | undefined, value: string, forwarded: string) =>
      what === undefined ? forwarded : `${what} "${this.#host(value.replace(/:\d+$/, ""))}"`,
    );
    text = text.replace(LOOKED_UP, (_all, code: string, host: string) => `${code} ${this.#host(host)}`);
    for (const place of IN_LOG) {
      text = text.replace(place, (_all, before: string, id: string) => before + this.#held(id));
    }
    if (this.#names !== undefined) {
      text = text.replace(this.#names, (name) => this.#named.get(name.toLowerCase()) ?? "[name]");
    }
    // Where there is none, looking for one takes longer than all the rest.
    if (text.includes("@")) text = text.replace(EMAIL, "[email]");
    return text
      .replace(ADDRESS, (address) => (LOOPBACK.test(address) ? address : "[address]"))
      .replace(HELD, (held) => `account-${(held.codePointAt(0) ?? FIRST_HELD) - FIRST_HELD}`);
  }

  #held(id: string): string {
    const number = Number(this.account(id).slice("account-".length));
    return String.fromCodePoint(FIRST_HELD + Math.min(number, MAX_HELD));
  }

  #host(host: string): string {
    return LOOPBACK.test(host) ? host : numbered(this.#hosts, host.toLowerCase(), "host");
  }
}

function numbered(names: Map<string, string>, key: string, kind: string): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  const name = `${kind}-${names.size + 1}`;
  names.set(key, name);
  return name;
}

/** `openai`, `OpenAI`, `openai-2`. */
function isUsual(name: string, provider: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return bare(name).replace(/\d{1,3}$/, "") === bare(provider).replace(/\d{1,3}$/, "");
}
