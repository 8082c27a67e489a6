/**
 * What the gateway has of traces. Without a receiver it is a few words of memory: what makes spans and sends them is
 * loaded where the settings name one.
 */
import type { Dispatcher } from "undici";
import { messageOf } from "../common/errors.ts";
import { createRedactor, foreignText } from "../common/log.ts";
import type { Ports } from "../common/ports.ts";
import { sleep, within } from "../common/sleep.ts";
import type { ReplyFacts } from "../protocols/replyFacts.ts";
import type { Account } from "../providers/account.ts";
import { operationName, ServerAddresses } from "../providers/conventions.ts";
import {
  headersIn,
  TELEMETRY_HEADERS_SECRET,
  type TelemetrySettings,
  tracesUrl,
} from "../settings/telemetrySettings.ts";
import { isLoopback } from "../upstream/agents.ts";
import type { openPipeline, Pipeline } from "./pipeline.ts";
import { postTo } from "./postTo.ts";
import { routeTemplate } from "./routeTemplates.ts";
import type { SpanCounts } from "./sender.ts";
import type { RequestContext, TracedContent, TracedRequest } from "./span.ts";
import { type Headers, traceParentOf } from "./traceContext.ts";

/** Milliseconds that spans get to reach a receiver that the settings no longer name. */
const CHANGE_MS = 2000;

export interface TracesOptions {
  readonly ports: Pick<Ports, "log" | "clock" | "random" | "secrets">;
  dispatcher(url: URL): Dispatcher;
  accounts(): readonly Account[];
  /** That must not be sent, besides what looks like one; the same list until there is another. */
  secrets(): readonly string[];
}

export class Traces {
  readonly #options: TracesOptions;
  readonly #counts: SpanCounts = { sent: 0, dropped: 0 };
  /** By the request's record. */
  readonly #begun = new WeakMap<object, RequestContext>();
  #pipeline: Pipeline | undefined;
  #content = false;
  /** The settings in force, as text. */
  #used = "";
  #turn = 0;
  #redactor = createRedactor();
  #known: readonly string[] = [];

  constructor(options: TracesOptions) {
    this.#options = options;
  }

  /** Is there a receiver? */
  get on(): boolean {
    return this.#pipeline !== undefined;
  }

  /** Since the start. */
  get counts(): Readonly<SpanCounts> {
    return this.#counts;
  }

  /**
   * Resolves when requests are traced as the settings say. Never rejects.
   * @param anew the headers in the secret store are others
   */
  async use(settings: TelemetrySettings, anew = false): Promise<void> {
    const used = JSON.stringify(settings);
    if (used === this.#used && !anew) return;
    this.#used = used;
    const turn = ++this.#turn;
    const before = this.#pipeline;
    this.#pipeline = undefined;
    void before?.flush(CHANGE_MS);
    const url = tracesUrl(settings);
    if (url === undefined) return;
    const { log } = this.#options.ports;
    try {
      const [made, headers] = await Promise.all([
        import("./pipeline.ts"),
        settings.headers ?? this.#storedHeaders(),
      ]);
      // Changed once more meanwhile.
      if (turn !== this.#turn) return;
      this.#pipeline = this.#open(made.openPipeline, url, headers, settings);
      this.#content = settings.content;
      log.info("traces are sent", { to: url.origin, content: settings.content });
      if (url.protocol === "http:" && !isLoopback(url.hostname) && Object.keys(headers).length > 0) {
        log.warn("the receiver of traces is asked without TLS: its headers can be read on the way");
      }
    } catch (error) {
      log.error(`traces cannot be sent: ${messageOf(error)}`);
      // With the next settings, or once secrets can be read again.
      if (turn === this.#turn) this.#used = "";
    }
  }

  /**
   * A request came in.
   * @param record by which it is known from here on
   * @param trusted may it go on with the client's trace: it was let in, and is no page's question whether it may come?
   */
  begin(record: object, headers: Headers, trusted: boolean): void {
    if (this.#pipeline === undefined) return;
    const { host } = headers;
    const known = trusted
      ? { parent: traceParentOf(headers), host: typeof host === "string" ? host : undefined }
      : {};
    this.#begun.set(record, known);
  }

  /** What its reply said of itself. */
  reply(record: object, facts: ReplyFacts | undefined): void {
    const known = this.#begun.get(record);
    if (known !== undefined && facts !== undefined) known.reply = facts;
  }

  /** Is what was said in it to be sent? */
  wantsContent(record: object): boolean {
    const known = this.#content && this.#pipeline !== undefined ? this.#begun.get(record) : undefined;
    return known !== undefined && known.parent?.sampled !== false;
  }

  content(record: object, content: TracedContent | undefined): void {
    const known = this.#begun.get(record);
    if (known !== undefined && content !== undefined) known.content = content;
  }

  /** It is over. */
  end(record: TracedRequest): void {
    const known = this.#begun.get(record);
    if (known === undefined || known.parent?.sampled === false) return;
    this.#pipeline?.add(record, known);
  }

  /** Sends what waits, and gives up what is not taken in time. */
  async flush(withinMs: number): Promise<void> {
    await this.#pipeline?.flush(withinMs);
  }

  /** The same text and length, with `\0` in place of what is secret. */
  readonly mask = (text: string): string => {
    const secrets = this.#options.secrets();
    if (secrets !== this.#known) {
      this.#known = secrets;
      this.#redactor = createRedactor();
      this.#redactor.add(secrets);
    }
    return this.#redactor.mask(text);
  };

  #open(
    open: typeof openPipeline,
    url: URL,
    headers: Readonly<Record<string, string>>,
    { compression, timeoutMs, resource = {} }: TelemetrySettings,
  ): Pipeline {
    const { ports, dispatcher, accounts } = this.#options;
    const { clock, random, log } = ports;
    const place = { url, headers: Object.entries(headers).flat(), timeoutMs, dispatcher };
    return open({
      target: {
        compression,
        post: (body, about, signal) => postTo(place, body, about, signal),
      },
      resource,
      clock,
      random,
      log,
      counts: this.#counts,
      addresses: new ServerAddresses(accounts),
      operationName,
      routeTemplate,
      given: { sleep, within, foreignText },
      redact: (text) => this.mask(text).replace(/\0+/g, "[redacted]"),
    });
  }

  /** @throws where they cannot be read, or are none */
  async #storedHeaders(): Promise<Readonly<Record<string, string>>> {
    const text = await this.#options.ports.secrets.get(TELEMETRY_HEADERS_SECRET);
    if (text === undefined || text.trim() === "") return {};
    const headers = headersIn(text);
    if (headers === undefined)
      throw new Error(`${TELEMETRY_HEADERS_SECRET} in the secret store are no headers`);
    return headers;
  }
}
