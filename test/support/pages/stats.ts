/** Statistics of a scripted world: the same every time, of whatever is asked for. */
import {
  addSums,
  noSums,
  type Stats,
  type StatsBucket,
  type StatsBy,
  type StatsGroup,
  type StatsQuery,
  type StatsSums,
} from "../../../src/control/stats.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Of a day, by the hour: people sleep. */
const HOURS = [2, 1, 0, 0, 0, 1, 3, 12, 30, 58, 72, 66, 40, 61, 88, 97, 84, 70, 44, 30, 22, 18, 9, 4];

interface Kind {
  key: string;
  label: string;
  weight: number;
  /** Tokens of a request, USD of one. */
  input: number;
  cached: number;
  output: number;
  cost: number;
  first: number;
}

const KINDS: Record<StatsBy, Kind[]> = {
  model: [
    kind("claude-sonnet-5", 42, 41_000, 0.86, 720, 0.0214, 610),
    kind("gpt-5", 24, 22_000, 0.55, 940, 0.019, 1100),
    kind("claude-haiku-5", 14, 6400, 0.4, 310, 0.0012, 420),
    kind("gemini-2.5-pro", 9, 30_000, 0.31, 1400, 0.031, 1900),
    kind("gemini-2.5-flash", 6, 9000, 0.1, 400, 0.0009, 380),
    kind("qwen3-coder:30b", 4, 12_000, 0, 600, 0, 900),
    kind("deepseek-chat", 3, 15_000, 0.6, 800, 0.0031, 1500),
    kind("text-embedding-3-large", 3, 900, 0, 0, 0.0001, 90),
    kind("mistral-large-latest", 2, 8000, 0, 500, 0.009, 800),
    kind("-", 1, 0, 0, 0, 0, 40),
    kind("*", 2, 4000, 0.2, 300, 0.002, 700),
  ],
  account: [
    kind("work-anthropic", 56, 33_000, 0.84, 640, 0.018, 580, "Work · Anthropic"),
    kind("team-openai", 24, 22_000, 0.55, 940, 0.019, 1100, "Team · OpenAI"),
    kind("personal-gemini", 12, 26_000, 0.28, 1300, 0.024, 1700, "Personal · Gemini"),
    kind("ollama", 4, 12_000, 0, 600, 0, 900, "Ollama"),
    kind("-", 1, 0, 0, 0, 0, 40, "-"),
  ],
  client: [
    kind("Claude Code", 61, 39_000, 0.85, 700, 0.0204, 600),
    kind("Codex", 22, 24_000, 0.5, 900, 0.018, 1200),
    kind("VS Code chat", 9, 6000, 0.2, 350, 0.002, 500),
    kind("Gemini CLI", 6, 14_000, 0.3, 500, 0.003, 800),
    kind("unknown", 2, 3000, 0, 200, 0.001, 700),
  ],
  protocol: [
    kind("anthropic", 61, 39_000, 0.85, 700, 0.0204, 600),
    kind("openai-responses", 22, 24_000, 0.5, 900, 0.018, 1200),
    kind("openai-chat", 12, 6000, 0.2, 350, 0.002, 500),
    kind("gemini", 4, 9000, 0.1, 400, 0.001, 700),
  ],
  key: [
    kind("-", 80, 33_000, 0.8, 700, 0.018, 600),
    kind("ci-1a2b3c4d", 20, 9000, 0.2, 400, 0.002, 500, "Claude Code"),
  ],
};

function kind(
  key: string,
  weight: number,
  input: number,
  cached: number,
  output: number,
  cost: number,
  first: number,
  label = key,
): Kind {
  return { key, label, weight, input, cached, output, cost, first };
}

/** @param scale of the traffic; 0: none @param since the first request, in milliseconds since 1970 */
export function scriptedStats(
  { from, to, bucket, by, utcOffsetMinutes = 0 }: StatsQuery,
  scale: number,
  since = 0,
): Stats {
  const step = { minute: HOUR / 60, hour: HOUR, day: DAY }[bucket];
  const offset = bucket !== "day" ? 0 : utcOffsetMinutes * 60_000;
  const begin = Math.floor((from + offset) / step);
  const end = Math.max(begin + 1, Math.ceil((to + offset) / step));
  const buckets = Array.from({ length: end - begin }, (_, i) => (begin + i) * step - offset);
  const kinds = KINDS[by ?? "model"];
  const ranked = kinds
    .map((each, k) =>
      groupOf(
        each,
        buckets.map((start, i) =>
          start + step <= since ? 0 : requestsIn(start, i + k, bucket) * each.weight * scale,
        ),
      ),
    )
    .filter(({ total }) => total.requests > 0);
  const groups = by === undefined ? together(ranked) : ranked;
  const total = addUp(groups.map((group) => group.total));
  return {
    buckets,
    groups,
    total,
    firstByte: total.requests === 0 ? {} : { p50: 610, p95: 2400, p99: 5200 },
    duration: total.requests === 0 ? {} : { p50: 2900, p95: 11_000, p99: 31_000 },
    errors: errorKinds(total.errors),
  };
}

/** As many as there are in all. */
function errorKinds(errors: number): Record<string, number> {
  const kinds = {
    upstream: Math.floor(errors * 0.22),
    context_too_long: Math.floor(errors * 0.18),
    authentication: Math.floor(errors * 0.06),
    timeout: Math.floor(errors * 0.05),
  };
  const most = errors - Object.values(kinds).reduce((a, b) => a + b, 0);
  return Object.fromEntries(Object.entries({ rate_limit: most, ...kinds }).filter(([, count]) => count > 0));
}

function requestsIn(start: number, salt: number, bucket: StatsBucket): number {
  const hour = HOURS[Math.floor((start % DAY) / HOUR)] ?? 0;
  const wave = 0.7 + 0.3 * Math.sin(salt * 1.7 + start / DAY);
  const weekend = [0.25, 1, 1.1, 1.2, 1, 0.8, 0.3][new Date(start).getUTCDay()] ?? 1;
  return { minute: hour / 900 / 60, hour: hour / 900, day: 1 }[bucket] * wave * weekend;
}

function groupOf({ key, label, input, cached, output, cost, first }: Kind, counts: number[]): StatsGroup {
  const points = counts.map((count): StatsSums => {
    const requests = Math.round(count);
    return {
      requests,
      errors: Math.round(requests * (key === "gpt-5" ? 0.05 : 0.012)),
      failedOver: Math.round(requests * 0.03),
      input: requests * input,
      cacheRead: Math.round(requests * input * cached),
      cacheWrite: Math.round(requests * input * 0.03),
      output: requests * output,
      reasoning: Math.round(requests * output * 0.3),
      cost: requests * cost,
      unpriced: cost === 0 && input > 0 ? requests : 0,
    };
  });
  const total = addUp(points);
  const some = total.requests > 0;
  return {
    key,
    label,
    total,
    firstByte: some ? { p50: first, p95: first * 3.4, p99: first * 7 } : {},
    duration: some ? { p50: first * 5, p95: first * 17, p99: first * 40 } : {},
    points,
  };
}

function together(groups: readonly StatsGroup[]): StatsGroup[] {
  const [first] = groups;
  if (first === undefined) return [];
  const points = first.points.map((_, i) => addUp(groups.flatMap((group) => group.points[i] ?? [])));
  return [{ ...first, key: "", label: "", total: addUp(points), points }];
}

function addUp(all: readonly StatsSums[]): StatsSums {
  const sum = noSums();
  for (const each of all) addSums(sum, each);
  return sum;
}
