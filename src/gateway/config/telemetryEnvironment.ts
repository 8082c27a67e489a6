/**
 * A receiver of traces as the environment names it, by OpenTelemetry's own variables:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import {
  namedValues,
  type TelemetrySettings,
  telemetryHeadersSchema,
  telemetrySchema,
} from "../settings/telemetrySettings.ts";
import type { Environment } from "./load.ts";

export interface EnvironmentTelemetry {
  readonly settings: TelemetrySettings;
  /** What could not be followed, for the log; holds no value that may be secret. */
  readonly warnings: readonly string[];
  /** For the log's redaction. */
  readonly secrets: readonly string[];
}

const OTLP = "OTEL_EXPORTER_OTLP";
/** Certificates come another way. */
const CERTIFICATES = ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"];

/** @param configured by the config file, whose receiver goes before the environment's */
export function telemetryFrom(configured: TelemetrySettings, env: Environment): EnvironmentTelemetry {
  const warnings: string[] = [];
  const value = (name: string) => env[name]?.trim() || undefined;
  /** Of traces, else of all signals. */
  const otlp = (name: string) => {
    const own = `${OTLP}_TRACES_${name}`;
    const found = value(own) === undefined ? `${OTLP}_${name}` : own;
    return { name: found, value: value(found) };
  };
  const nothing = { ...configured, endpoint: "", tracesEndpoint: "" };
  if (/^true$/i.test(value("OTEL_SDK_DISABLED") ?? "")) return { settings: nothing, warnings, secrets: [] };

  const resource = { ...resourceFrom(value, warnings), ...configured.resource };
  const settings = Object.keys(resource).length === 0 ? configured : { ...configured, resource };
  if (configured.endpoint !== "" || (configured.tracesEndpoint ?? "") !== "")
    return { settings, warnings, secrets: [] };

  const endpoint = value(`${OTLP}_ENDPOINT`);
  const tracesEndpoint = value(`${OTLP}_TRACES_ENDPOINT`);
  if (endpoint === undefined && tracesEndpoint === undefined) return { settings, warnings, secrets: [] };
  const exporters = (value("OTEL_TRACES_EXPORTER") ?? "otlp").split(",").map((each) => each.trim());
  if (!exporters.includes("otlp")) {
    if (!exporters.includes("none"))
      warnings.push("OTEL_TRACES_EXPORTER: only otlp is there, so no traces are sent");
    return { settings, warnings, secrets: [] };
  }

  const protocol = otlp("PROTOCOL");
  if (protocol.value !== undefined && protocol.value !== "http/protobuf") {
    warnings.push(
      `${protocol.name} is ignored: traces are sent by http/protobuf, which receivers mostly take at port 4318`,
    );
  }
  for (const name of CERTIFICATES.map(otlp)) {
    if (name.value !== undefined)
      warnings.push(`${name.name} is ignored: NODE_EXTRA_CA_CERTS names further authorities`);
  }
  const found: Record<string, unknown> = {};
  const take = (field: keyof TelemetrySettings, name: string, given: unknown) => {
    const { success } = telemetrySchema.shape[field].safeParse(given);
    if (success) found[field] = given;
    else warnings.push(`${name} is ignored: it has no value that can be used`);
  };
  if (endpoint !== undefined) take("endpoint", `${OTLP}_ENDPOINT`, endpoint);
  if (tracesEndpoint !== undefined) take("tracesEndpoint", `${OTLP}_TRACES_ENDPOINT`, tracesEndpoint);
  const timeout = otlp("TIMEOUT");
  if (timeout.value !== undefined) take("timeoutMs", timeout.name, Number(timeout.value));
  const compression = otlp("COMPRESSION");
  if (compression.value !== undefined) take("compression", compression.name, compression.value);
  const headers = headersFrom(otlp("HEADERS"), warnings);
  if (headers !== undefined) found.headers = headers;
  return {
    settings: { ...settings, ...(found as Partial<TelemetrySettings>) },
    warnings,
    secrets: Object.values(headers ?? {}),
  };
}

type Read = (name: string) => string | undefined;

function resourceFrom(value: Read, warnings: string[]): Record<string, string> {
  const listed = value("OTEL_RESOURCE_ATTRIBUTES");
  const attributes = listed === undefined ? {} : namedValues(listed);
  const valid = telemetrySchema.shape.resource.safeParse(attributes).data;
  if (valid === undefined) warnings.push("OTEL_RESOURCE_ATTRIBUTES is ignored: it is no list of name=value");
  const service = value("OTEL_SERVICE_NAME");
  return { ...valid, ...(service === undefined ? {} : { "service.name": service }) };
}

function headersFrom(
  { name, value }: { name: string; value: string | undefined },
  warnings: string[],
): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  const { success, data } = telemetryHeadersSchema.safeParse(namedValues(value));
  if (!success) warnings.push(`${name} is ignored: it is no list of name=value with headers`);
  return data;
}
