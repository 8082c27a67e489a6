/** Where traces go: an OpenTelemetry receiver of the person's own. Without one nothing is sent, and nothing is loaded. */
import * as z from "zod";
import { isRecord, parseJson } from "../common/json.ts";
import { percentDecoded } from "../common/percent.ts";
import { ABOUT } from "./about.ts";

/** Of the secret store: `telemetry.headers` where no config file has them, as JSON or as `name=value,name=value`. */
export const TELEMETRY_HEADERS_SECRET = "telemetry.headers";

/** Headers that are ours to set. */
const OURS =
  /^(?:content-.*|host|connection|transfer-encoding|user-agent|expect|upgrade|te|trailer|keep-alive)$/i;
const MAX_HEADERS = 50;
const MAX_ATTRIBUTES = 100;

const address = z
  .string()
  .max(2000)
  .refine((value) => value === "" || isAddress(value), {
    error: "must be an address such as http://127.0.0.1:4318, without a user name or password",
  });

function isAddress(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

export const telemetryHeadersSchema = z
  .record(
    z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/, { error: "must be the name of a header" })
      .refine((name) => !OURS.test(name), { error: "is set by Portico" }),
    z
      .string()
      .max(8000)
      .regex(/^[\x20-\x7e]*$/, { error: "must be printable ASCII" }),
  )
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, {
    error: `must have at most ${MAX_HEADERS} headers`,
  });

export const telemetrySchema = z.strictObject({
  endpoint: address.default("").register(ABOUT, {
    home: "vscode",
    group: "traces",
    opens: true,
    meaning:
      "an OpenTelemetry receiver of your own (OTLP over HTTP) that gets a trace of each request, e.g. `http://127.0.0.1:4318`; `/v1/traces` is put behind it; see [traces](docs/telemetry.md)",
    otherwise: "nothing is sent",
    description:
      "An OpenTelemetry receiver of your own (OTLP over HTTP), e.g. `http://127.0.0.1:4318`, that gets a trace of each request: models, tokens, times, attempts, and no words of a conversation. Empty: nothing is sent, to nobody.",
  }),
  tracesEndpoint: address.optional().register(ABOUT, {
    meaning: "the same as a whole address, to which nothing is added; goes before `telemetry.endpoint`",
    otherwise: "",
  }),
  headers: telemetryHeadersSchema.optional().register(ABOUT, {
    meaning:
      "what the receiver knows you by, such as an `authorization`, best from the environment; else `telemetry.headers` of the secret store",
    otherwise: "",
  }),
  content: z.boolean().default(false).register(ABOUT, {
    home: "vscode",
    group: "traces",
    opens: true,
    meaning: "send what was said along: keys are taken out, long texts cut, no images",
    description:
      "Send what you and the models say along with the traces. Keys are taken out, long texts are cut, images are left out.",
  }),
  timeoutMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .register(ABOUT, { meaning: "for one batch of spans" }),
  compression: z.enum(["none", "gzip"]).default("none").register(ABOUT, { meaning: "`none` or `gzip`" }),
  resource: z
    .record(z.string().min(1).max(255), z.string().max(2000))
    .refine((attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES, {
      error: `must have at most ${MAX_ATTRIBUTES} attributes`,
    })
    .optional()
    .register(ABOUT, {
      meaning: 'attributes of all spans, e.g. `{"service.name": "portico-home"}`',
      otherwise: "`service.name` is `portico`",
    }),
});

export type TelemetrySettings = z.output<typeof telemetrySchema>;

/** Where batches are posted to; `undefined`: nowhere. */
export function tracesUrl({
  endpoint,
  tracesEndpoint = "",
}: Pick<TelemetrySettings, "endpoint" | "tracesEndpoint">): URL | undefined {
  if (tracesEndpoint !== "") return new URL(tracesEndpoint);
  if (endpoint === "") return undefined;
  const url = new URL(endpoint);
  // Whoever gives the whole address means the same.
  if (!/\/v1\/traces\/*$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url;
}

/**
 * Headers as people write them: JSON, a line each (`authorization: Bearer …`), or as environments have them.
 * @returns `undefined` for what is none
 */
export function headersIn(text: string): Record<string, string> | undefined {
  const trimmed = text.trim();
  const json = parseJson(trimmed);
  const lines = trimmed.split(/\r?\n/).filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => /^\s*([^\s:=,]+):\s*(.*?)\s*$/.exec(line));
  const written = pairs.every((pair) => pair !== null)
    ? Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]))
    : namedValues(trimmed);
  return telemetryHeadersSchema.safeParse(isRecord(json) ? json : written).data;
}

/** Attributes of the resource as environments have them: `name=value,name=value`, percent-encoded (W3C Baggage). */
export function namedValues(text: string): Record<string, string> | undefined {
  const entries: [string, string][] = [];
  for (const pair of text.split(",")) {
    if (pair.trim() === "") continue;
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, equals)).trim();
    if (name === "") return undefined;
    entries.push([percentDecoded(name), percentDecoded(pair.slice(equals + 1).trim())]);
  }
  return Object.fromEntries(entries);
}
