import { describe, expect, it } from "vitest";
import { telemetryFrom } from "../../../src/gateway/config/telemetryEnvironment.ts";
import {
  type TelemetrySettings,
  telemetrySchema,
  tracesUrl,
} from "../../../src/gateway/settings/telemetrySettings.ts";

const none = telemetrySchema.parse({});
const urlOf = (settings: TelemetrySettings) => tracesUrl(settings)?.href;

describe("the receiver of traces", () => {
  it.each([
    ["http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"],
    ["http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"],
    ["https://cloud.langfuse.com/api/public/otel", "https://cloud.langfuse.com/api/public/otel/v1/traces"],
    ["https://otel.example/v1/traces", "https://otel.example/v1/traces"],
  ])("%s is asked at %s", (endpoint, asked) => {
    expect(urlOf(telemetrySchema.parse({ endpoint }))).toBe(asked);
  });

  it("is asked as it is written where the whole address is given, and nobody is where none is", () => {
    const tracesEndpoint = "https://otel.example/here?only=this";
    expect(urlOf(telemetrySchema.parse({ endpoint: "http://127.0.0.1:1", tracesEndpoint }))).toBe(
      tracesEndpoint,
    );
    expect(urlOf(none)).toBeUndefined();
  });

  it.each(["grpc://127.0.0.1:4317", "127.0.0.1:4318", "http://me:secret@otel.example"])(
    "is not %s",
    (endpoint) => {
      expect(telemetrySchema.safeParse({ endpoint }).success).toBe(false);
    },
  );

  it.each([{ "content-type": "a" }, { "a b": "c" }, { a: "b\nc" }, { a: "ü" }])(
    "is not known by the headers %j",
    (headers) => expect(telemetrySchema.safeParse({ headers }).success).toBe(false),
  );
});

describe("OpenTelemetry's variables", () => {
  it("name a receiver, and how it is asked", () => {
    const { settings, warnings, secrets } = telemetryFrom(none, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example/base",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20b3R0ZXI=,x-scope=otters",
      OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_SERVICE_NAME: "holt",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=other,deployment.environment.name=river%20bank",
    });
    expect(urlOf(settings)).toBe("https://otel.example/base/v1/traces");
    expect(settings).toMatchObject({
      headers: { authorization: "Basic b3R0ZXI=", "x-scope": "otters" },
      timeoutMs: 2000,
      compression: "gzip",
      content: false,
      resource: { "service.name": "holt", "deployment.environment.name": "river bank" },
    });
    expect(warnings).toEqual([]);
    expect(secrets).toEqual(["Basic b3R0ZXI=", "otters"]);
  });

  it("of traces go before those of all signals", () => {
    const { settings } = telemetryFrom(none, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://all.example",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/here",
      OTEL_EXPORTER_OTLP_HEADERS: "a=all",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a=traces",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "none",
    });
    expect(urlOf(settings)).toBe("https://traces.example/here");
    expect(settings).toMatchObject({ headers: { a: "traces" }, compression: "none" });
  });

  it("name nobody whom the config file does not, where it names one", () => {
    const configured = telemetrySchema.parse({ endpoint: "http://127.0.0.1:4318", resource: { a: "file" } });
    const { settings } = telemetryFrom(configured, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://other.example",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=meant-for-the-other",
      OTEL_RESOURCE_ATTRIBUTES: "a=environment,b=environment",
    });
    expect(urlOf(settings)).toBe("http://127.0.0.1:4318/v1/traces");
    expect(settings.headers).toBeUndefined();
    expect(settings.resource).toEqual({ a: "file", b: "environment" });
  });

  it.each([
    ["OTEL_SDK_DISABLED", "true"],
    ["OTEL_TRACES_EXPORTER", "none"],
  ])("%s=%s sends nothing", (name, value) => {
    const { settings, warnings } = telemetryFrom(none, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example",
      [name]: value,
    });
    expect([urlOf(settings), warnings]).toEqual([undefined, []]);
  });

  it("OTEL_SDK_DISABLED=true goes before the config file, too", () => {
    const configured = telemetrySchema.parse({ endpoint: "http://127.0.0.1:4318" });
    expect(urlOf(telemetryFrom(configured, { OTEL_SDK_DISABLED: "TRUE" }).settings)).toBeUndefined();
  });

  it("that cannot be followed are said, without their values, and the rest is", () => {
    const { settings, warnings } = telemetryFrom(none, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_HEADERS: "secret-without-a-name",
      OTEL_EXPORTER_OTLP_TIMEOUT: "soon",
      OTEL_EXPORTER_OTLP_COMPRESSION: "zstd",
      OTEL_EXPORTER_OTLP_CERTIFICATE: "/etc/ca.pem",
      OTEL_RESOURCE_ATTRIBUTES: "nothing",
    });
    expect(urlOf(settings)).toBe("https://otel.example/v1/traces");
    expect(settings).toMatchObject({ timeoutMs: 10_000, compression: "none" });
    expect(warnings.map((warning) => warning.split(" ")[0]).sort()).toEqual([
      "OTEL_EXPORTER_OTLP_CERTIFICATE",
      "OTEL_EXPORTER_OTLP_COMPRESSION",
      "OTEL_EXPORTER_OTLP_HEADERS",
      "OTEL_EXPORTER_OTLP_PROTOCOL",
      "OTEL_EXPORTER_OTLP_TIMEOUT",
      "OTEL_RESOURCE_ATTRIBUTES",
    ]);
    expect(warnings.join()).toContain("http/protobuf");
    expect(warnings.join()).not.toContain("without-a-name");
  });

  it("name a receiver that cannot be one, and nothing is sent", () => {
    const { settings, warnings } = telemetryFrom(none, { OTEL_EXPORTER_OTLP_ENDPOINT: "127.0.0.1:4317" });
    expect(urlOf(settings)).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it("alone change nothing", () => {
    expect(telemetryFrom(none, {}).settings).toBe(none);
    expect(urlOf(telemetryFrom(none, { OTEL_SERVICE_NAME: "holt" }).settings)).toBeUndefined();
  });
});
