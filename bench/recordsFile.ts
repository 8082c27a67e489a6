/**
 * What a file of many recorded requests weighs, and how long it is asked for something. In this thread,
 * without the way there and back.
 *
 * `node bench/recordsFile.ts [--rows N] [--days N] [--json]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { StatsBy } from "../src/control/stats.ts";
import { Store } from "../src/gateway/records/db/store.ts";
import type { ToWrite } from "../src/gateway/records/db/writer.ts";
import { entryOf } from "../src/gateway/records/entry.ts";
import type { RequestRecord } from "../src/gateway/records/record.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100000" },
    days: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
  },
});
const ROWS = Number(values.rows);
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 31, 12, 34);
const BATCH = 200;

/** The same numbers in every run. */
let state = 42;
function random(): number {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state / 2 ** 31;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? (list[0] as T);

const MODELS = ["gpt-5", "gpt-5-mini", "claude-opus-4-5", "claude-sonnet-4-5", "gemini-2.5-pro", "glm-4.6"];
const ACCOUNTS = ["work", "private", "team", "openrouter"];
const CLIENTS = ["Claude Code", "Codex", "Gemini CLI", "OpenCode", "Python OpenAI SDK"];
const ID = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function record(time: number): RequestRecord {
  const [account, model, client] = [pick(ACCOUNTS), pick(MODELS), pick(CLIENTS)];
  const failed = random() < 0.03;
  const took = Math.round(400 + 20_000 * random() ** 3);
  const total = Math.round(200_000 * random() ** 2);
  const attempts = [
    { account, model, protocol: "anthropic" as const, at: 1, took, status: 200, outcome: "ok" },
  ];
  const tried = { account: "spare", model, protocol: "anthropic" as const, at: 0, took: 80, status: 429 };
  const message = "This request would exceed the rate limit of your organisation.";
  return {
    id: `req_${Array.from({ length: 24 }, () => ID[Math.floor(random() * 62)]).join("")}`,
    time,
    method: "POST",
    path: "/v1/messages",
    protocol: "anthropic",
    model,
    modelUsed: model,
    account,
    client,
    userAgent: `client/${Math.floor(random() * 20)}`,
    stream: true,
    lane: "A",
    attempts: failed ? [{ ...tried, outcome: "rate_limit", message }, ...attempts] : attempts,
    status: failed ? 429 : 200,
    ...(failed ? { error: { kind: "rate_limit", message } } : {}),
    firstByteMs: Math.round(took * 0.3),
    durationMs: took,
    usage: {
      input: {
        total,
        uncached: Math.round(total / 5),
        cacheRead: total - Math.round(total / 5),
        cacheWrite: 0,
      },
      output: { total: Math.round(4000 * random() ** 2), reasoning: Math.round(200 * random()) },
    },
    warnings: [],
    bytesIn: total * 4,
    bytesOut: Math.round(20_000 * random()),
    session: Array.from({ length: 12 }, () => "0123456789abcdef"[Math.floor(random() * 16)]).join(""),
    sticky: random() < 0.9,
  };
}

const folder = mkdtempSync(join(tmpdir(), "portico-bench-"));
const file = join(folder, "portico.db");
const store = new Store(file, {
  onProblem: (message) => message && console.error(message),
  onNotice: console.error,
});
const lookup = (id: string) => ({ label: `Account ${id}`, provider: "openai" });

const results: Record<string, number> = {};
/** Milliseconds, the median of some runs. */
function timed(name: string, work: () => unknown): void {
  const took = Array.from({ length: 5 }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  }).sort((a, b) => a - b);
  results[`${name} ms`] = Number((took[2] ?? 0).toFixed(1));
  results[`${name} first ms`] = Number((took.at(-1) ?? 0).toFixed(1));
}

try {
  const began = performance.now();
  for (let done = 0; done < ROWS; done += BATCH) {
    const items: ToWrite[] = Array.from({ length: BATCH }, (_, index) => {
      const time = NOW - Number(values.days) * DAY_MS * (1 - (done + index) / ROWS);
      return { entry: { ...entryOf(record(Math.round(time)), lookup), cost: 0.0123 } };
    });
    store.write(items, `bench:${done}`);
  }
  results["rows"] = ROWS;
  results["write us per row"] = Number((((performance.now() - began) * 1000) / ROWS).toFixed(1));
  store.sweep(
    { maxAgeDays: 9999, maxRows: 1e9, maxBytes: 1e12, bodiesMaxBytes: 1e12, bodiesMaxHours: 1e6 },
    NOW,
  );
  results["MB"] = Number((store.sizes().bytes / 1e6).toFixed(1));
  results["bytes per row"] = Math.round(store.sizes().bytes / ROWS);
  const presets = [
    ["hour by minute", 1 / 24, "minute"],
    ["6 hours by minute", 6 / 24, "minute"],
    ["hour", 1 / 24, "hour"],
    ["day", 1, "hour"],
    ["week", 7, "hour"],
    ["week by day", 7, "day"],
    ["month", 30, "day"],
    ["month by hour", 30, "hour"],
    ["year", 365, "day"],
  ] as const;
  for (const [name, days, bucket] of presets) {
    for (const by of [undefined, "model", "account", "client"] as (StatsBy | undefined)[]) {
      timed(`stats, ${name}${by === undefined ? "" : `, by ${by}`}`, () =>
        store.read(({ stats }) =>
          stats.query({
            from: NOW - days * DAY_MS,
            to: NOW,
            bucket,
            utcOffsetMinutes: 60,
            ...(by ? { by } : {}),
          }),
        ),
      );
    }
  }
  timed("today", () => store.read(({ stats }) => stats.today(NOW, 60)));
  timed("list, newest", () => store.read(({ reader }) => reader.list({ limit: 100 })));
  timed("list, in the middle", () =>
    store.read(({ reader }) => reader.list({ limit: 100, offset: ROWS / 2 })),
  );
  let fresh = 0;
  // Another number each time, so that nothing is remembered.
  const upTo = () => ROWS - fresh++;
  timed("list, failed", () =>
    store.read(({ reader }) => reader.list({ filter: { outcome: "failed" }, upTo: upTo(), limit: 100 })),
  );
  timed("list, by text", () =>
    store.read(({ reader }) => reader.list({ filter: { text: "sonnet" }, upTo: upTo(), limit: 100 })),
  );
  timed("list, by model", () =>
    store.read(({ reader }) => reader.list({ filter: { model: "gpt-*" }, upTo: upTo(), limit: 100 })),
  );
  timed("list, a day", () =>
    store.read(({ reader }) => reader.list({ filter: { from: NOW - DAY_MS }, upTo: upTo(), limit: 100 })),
  );
  timed("list, scrolling what was found", () =>
    store.read(({ reader }) =>
      reader.list({ filter: { text: "sonnet" }, upTo: ROWS, offset: 5000, limit: 100 }),
    ),
  );
  timed("facets", () => store.read(({ reader }) => reader.facets()));
  timed("storage", () => store.sizes());
  const sweepBegan = performance.now();
  let longest = 0;
  for (let more = true; more; ) {
    const stepBegan = performance.now();
    more = store.sweep(
      { maxAgeDays: 9999, maxRows: 1000, maxBytes: 1e12, bodiesMaxBytes: 1e12, bodiesMaxHours: 1e6 },
      NOW,
    );
    longest = Math.max(longest, performance.now() - stepBegan);
  }
  results["letting go of all but 1000 ms"] = Math.round(performance.now() - sweepBegan);
  results["longest step ms"] = Number(longest.toFixed(1));
  results["MB afterwards"] = Number((store.sizes().bytes / 1e6).toFixed(1));
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}
if (values.json) console.log(JSON.stringify(results, null, 2));
else console.table(results);
