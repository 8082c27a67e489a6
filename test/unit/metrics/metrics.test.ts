import { describe, expect, it } from "vitest";
import { buildAccounts } from "../../../src/gateway/accounts/accounts.ts";
import type { AccountStanding } from "../../../src/gateway/accounts/pool.ts";
import type { Quota } from "../../../src/gateway/accounts/quotas/quota.ts";
import { MAX_COMBINATIONS, MAX_MODELS, MAX_QUOTAS, Metrics } from "../../../src/gateway/metrics/metrics.ts";
import { BoundedNames } from "../../../src/gateway/metrics/names.ts";
import { operationName, providerName } from "../../../src/gateway/providers/conventions.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { parsePrometheus } from "../../support/prometheus.ts";

const { accounts } = buildAccounts(
  settingsSchema.parse({
    accounts: [
      { id: "work", provider: "gemini" },
      { id: "mine", provider: "custom", endpoints: { "openai-chat": "http://127.0.0.1:9911/v1" } },
    ],
  } satisfies SettingsInput).accounts,
  { secretFor: async () => undefined },
);

function metrics(standing: readonly AccountStanding[] = []): Metrics {
  return new Metrics({
    accounts: () => accounts,
    standing: () => standing,
    active: () => 3,
    now: () => 0,
    spans: () => ({ sent: 12, dropped: 3 }),
    recordsDropped: () => 7,
  });
}

function quota(name: string, remaining: number, limit?: number): Quota {
  const unit = limit === undefined ? "usd" : "requests";
  const known = { account: "mine", name, unit, remaining, readAt: 0, source: "headers" } as const;
  return limit === undefined ? known : { ...known, limit };
}

function record(more: Partial<RequestRecord> = {}): RequestRecord {
  const attempt = {
    account: "mine",
    model: "m",
    protocol: "openai-chat",
    at: 0,
    took: 1,
    outcome: "ok",
  } as const;
  return {
    id: "req_1",
    time: 0,
    method: "POST",
    path: "/v1/chat/completions",
    protocol: "openai-chat",
    model: "alias",
    modelUsed: "m",
    account: "mine",
    stream: true,
    attempts: [attempt],
    status: 200,
    firstByteMs: 30,
    durationMs: 500,
    usage: {
      input: { total: 100, uncached: 90, cacheRead: 10, cacheWrite: 0 },
      output: { total: 5, reasoning: 2 },
    },
    warnings: [],
    bytesOut: 1,
    ...more,
  };
}

const read = async (of: Metrics) => parsePrometheus(await of.text());
const sample = (families: Awaited<ReturnType<typeof read>>, name: string, labels: object = {}) =>
  [...families.values()]
    .flatMap(({ samples }) => samples)
    .find(
      (each) =>
        each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
    );

describe("metrics", () => {
  it("have the names and labels of OpenTelemetry's conventions, in Prometheus' form", async () => {
    const all = metrics();
    all.observe(record());
    const families = await read(all);
    const labels = {
      gen_ai_operation_name: "chat",
      gen_ai_provider_name: "custom",
      gen_ai_request_model: "alias",
      gen_ai_response_model: "m",
      server_address: "127.0.0.1",
      server_port: "9911",
    };
    expect(families.get("gen_ai_client_operation_duration_seconds")?.type).toBe("histogram");
    expect(sample(families, "gen_ai_client_operation_duration_seconds_sum")).toEqual({
      name: "gen_ai_client_operation_duration_seconds_sum",
      labels,
      value: 0.5,
    });
    expect(sample(families, "gen_ai_server_time_to_first_token_seconds_sum", labels)?.value).toBe(0.03);
    expect(
      sample(families, "gen_ai_client_token_usage_sum", { ...labels, gen_ai_token_type: "input" })?.value,
    ).toBe(100);
    expect(
      sample(families, "gen_ai_client_token_usage_sum", { ...labels, gen_ai_token_type: "output" })?.value,
    ).toBe(5);
    expect(
      sample(families, "portico_requests_total", { protocol: "openai-chat", outcome: "ok" })?.value,
    ).toBe(1);
    expect(sample(families, "portico_trace_spans_total", { outcome: "sent" })?.value).toBe(12);
    expect(sample(families, "portico_trace_spans_total", { outcome: "dropped" })?.value).toBe(3);
    expect(sample(families, "portico_requests_in_flight")?.value).toBe(2);
    expect(sample(families, "portico_records_dropped_total")?.value).toBe(7);
    expect(sample(families, "portico_build_info")?.value).toBe(1);
  });

  it("have the names of now beside those of before, and they say the same", async () => {
    const all = metrics();
    all.observe(record());
    all.observe(record({ error: { kind: "upstream", message: "x" } }));
    const { usage: _usage, ...uncounted } = record();
    all.observe(uncounted);
    const families = await read(all);
    const samplesOf = (name: string) =>
      families.get(name)?.samples.map((each) => ({ ...each, name: each.name.replace(name, "") }));
    for (const [now, before] of [
      ["gen_ai_client_inference_duration_seconds", "gen_ai_client_operation_duration_seconds"],
      ["gen_ai_client_inference_time_to_first_chunk_seconds", "gen_ai_server_time_to_first_token_seconds"],
    ] as const) {
      expect(samplesOf(now)?.length).toBeGreaterThan(10);
      expect(samplesOf(now)).toEqual(samplesOf(before));
    }
    const count = (name: string) =>
      sample(families, `gen_ai_client_inference_usage_${name}_total`, {
        gen_ai_request_model: "alias",
        gen_ai_token_modality: "unknown",
      })?.value;
    expect(
      ["input_tokens", "output_tokens", "cache_read_input_tokens", "reasoning_output_tokens"].map(count),
    ).toEqual([200, 10, 20, 4]);
    expect(count("cache_write_input_tokens")).toBeUndefined();
  });

  it("name the class of an error, each attempt's outcome, and a failover", async () => {
    const all = metrics();
    const [ok] = record().attempts;
    if (ok === undefined) throw new Error("no attempt");
    const refused = { ...ok, account: "work", protocol: "gemini", outcome: "rate_limit" } as const;
    all.observe(record({ attempts: [refused, ok] }));
    all.observe(record({ attempts: [ok, ok] }));
    all.observe(record({ attempts: [refused], status: 429, error: { kind: "rate_limit", message: "x" } }));
    all.observe(record({ error: { kind: "client-gone", message: "x" } }));
    const families = await read(all);
    expect(
      sample(families, "portico_attempts_total", { provider: "gcp.gemini", outcome: "rate_limit" })?.value,
    ).toBe(2);
    expect(sample(families, "portico_failovers_total")?.value).toBe(1);
    expect(sample(families, "portico_requests_total", { outcome: "client_gone" })?.value).toBe(1);
    expect(
      sample(families, "gen_ai_client_operation_duration_seconds_count", {
        error_type: "rate_limit",
        gen_ai_provider_name: "gcp.gemini",
        server_address: "generativelanguage.googleapis.com",
        server_port: "443",
      })?.value,
    ).toBe(1);
  });

  it("leave out what is no model call", async () => {
    const all = metrics();
    const { protocol, ...own } = record({ path: "/v1/models" });
    all.observe(own);
    expect((await read(all)).get("portico_requests_total")?.samples).toEqual([]);
  });

  it("stay bounded, whatever names clients make up", async () => {
    const all = metrics();
    const [attempt] = record().attempts;
    if (attempt === undefined) throw new Error("no attempt");
    for (let i = 0; i < 3 * MAX_MODELS; i++) {
      all.observe(record({ model: `made-up-${i}`, attempts: [], status: 404 }));
      all.observe(record({ model: `passed-on-${i}`, modelUsed: `passed-on-${i}` }));
    }
    for (const path of [
      "/v1/chat/completions",
      "/v1/embeddings",
      "/v1/completions",
      "/v1/images/generations",
    ]) {
      for (let a = 0; a < MAX_MODELS; a++) {
        for (let b = 0; b < 5; b++) {
          all.observe(record({ path, model: `passed-on-${a}`, modelUsed: `passed-on-${b}` }));
        }
      }
    }
    const families = await read(all);
    const { samples = [] } = families.get("gen_ai_client_operation_duration_seconds") ?? {};
    const models = new Set(samples.map(({ labels }) => labels.gen_ai_request_model));
    expect(models.size).toBe(MAX_MODELS + 1);
    expect(models).toContain("other");
    expect([...models].filter((model) => model?.startsWith("made-up"))).toEqual([]);
    const counts = samples.filter(({ name }) => name.endsWith("_count"));
    expect(counts.length).toBeLessThanOrEqual(MAX_COMBINATIONS + 8);
    expect(counts.reduce((sum, { value }) => sum + value, 0)).toBe(6 * MAX_MODELS + 20 * MAX_MODELS);
  });

  it("tell of accounts and quotas as they are when somebody asks", async () => {
    const standing: AccountStanding[] = [
      { account: "work", state: "cooling", held: [], inFlight: 0, quotas: [] },
      {
        account: "mine",
        state: "ready",
        held: [],
        inFlight: 0,
        quotas: [quota('odd "name"\n\\', 25, 100), quota("balance", 3)],
      },
    ];
    const all = metrics(standing);
    let families = await read(all);
    expect(sample(families, "portico_accounts", { state: "cooling" })?.value).toBe(1);
    expect(sample(families, "portico_accounts", { state: "exhausted" })?.value).toBe(0);
    expect(families.get("portico_quota_remaining_ratio")?.samples).toEqual([
      {
        name: "portico_quota_remaining_ratio",
        labels: { account: "mine", model: "", name: 'odd "name"\n\\' },
        value: 0.25,
      },
    ]);
    standing.splice(0);
    families = await read(all);
    expect(families.get("portico_quota_remaining_ratio")?.samples).toEqual([]);
    const quotas = Array.from({ length: MAX_QUOTAS + 5 }, (_, index) => quota(`quota ${index}`, 1, 2));
    standing.push({ account: "mine", state: "ready", held: [], inFlight: 0, quotas });
    expect((await read(all)).get("portico_quota_remaining_ratio")?.samples).toHaveLength(MAX_QUOTAS);
  });

  it("are of this gateway alone", async () => {
    const one = metrics();
    const two = metrics();
    one.observe(record());
    expect((await read(two)).get("portico_requests_total")?.samples).toEqual([]);
  });
});

describe("names", () => {
  it.each([
    ["/v1/chat/completions", "chat"],
    ["/v1/messages", "chat"],
    ["/v1/responses", "chat"],
    ["/v1/responses/compact", "chat"],
    ["/v1/completions", "text_completion"],
    ["/v1/embeddings", "embeddings"],
    ["/v1beta/models/m:batchEmbedContents", "embeddings"],
    ["/v1beta/models/m:streamGenerateContent", "generate_content"],
    ["/v1/messages/count_tokens", "count_tokens"],
    ["/v1beta/models/m:countTokens", "count_tokens"],
    ["/v1/responses/input_tokens", "count_tokens"],
    ["/v1/audio/speech", "other"],
  ])("%s is %s", (path, name) => {
    expect(operationName(path)).toBe(name);
  });

  it("know the providers as the conventions do", () => {
    expect(
      ["openai", "gemini", "vertex", "azure-openai", "mistral", "xai", "moonshot", "groq"].map((id) =>
        providerName(id as "openai"),
      ),
    ).toEqual([
      "openai",
      "gcp.gemini",
      "gcp.vertex_ai",
      "azure.ai.openai",
      "mistral_ai",
      "x_ai",
      "moonshot_ai",
      "groq",
    ]);
  });

  it("let so many through and no more, and none that is too long", () => {
    const names = new BoundedNames(2);
    expect(["a", "b", "c", "a", "b", "x".repeat(121)].map((name) => names.of(name))).toEqual([
      "a",
      "b",
      "other",
      "a",
      "b",
      "other",
    ]);
  });
});
