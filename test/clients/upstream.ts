/** A provider on loopback that makes an agent do a task, and judges what it is sent. */
import { type Received, sendJson, sendStream, startUpstream } from "../support/upstream.ts";
import type { Agent } from "./agents/agent.ts";
import { nextStep, type Task } from "./task.ts";
import type { Reply, Turn, Wire } from "./wires/wire.ts";

export interface Provider extends AsyncDisposable {
  /** Base URL for the account's `endpoints`. */
  readonly url: string;
  readonly requests: readonly Received[];
  /** What went wrong: requests that the script could not follow, that the provider would refuse. */
  readonly problems: readonly string[];
  /** What the agent's tools gave, as it arrived here. */
  readonly results: ReadonlySet<string>;
  /** Proofs given with the reasoning of tool calls, and those that came back with a later request. */
  readonly proofs: { readonly given: ReadonlySet<string>; readonly returned: ReadonlySet<string> };
}

export interface ProviderOptions {
  readonly agent: Agent;
  readonly wire: Wire;
  readonly task: Task;
  /** Refuse what the real provider would refuse; off where the client's own bytes come through. */
  readonly strict: boolean;
}

/** What agents ask beside their task, without tools: Gemini CLI how hard it is, others for a title. */
const aside = (request: string): string =>
  request.includes("complexity_score")
    ? '{"complexity_reasoning":"one file","complexity_score":10}'
    : "A secret word";

/** The key that the account has at this provider. */
export const PROVIDER_KEY = "provider-key-of-the-test";

export async function startProvider({ agent, wire, task, strict }: ProviderOptions): Promise<Provider> {
  const problems: string[] = [];
  const results = new Set<string>();
  const given = new Set<string>();
  const returned = new Set<string>();

  function judge({ url, headers, body }: Received, json: unknown): void {
    const credentials = ["authorization", "x-api-key", "x-goog-api-key"].flatMap(
      (name) => headers[name] ?? [],
    );
    if (credentials.length !== 1 || !credentials[0]?.endsWith(PROVIDER_KEY)) {
      problems.push("not exactly the account's own credential");
    }
    if (!strict) return;
    const flat = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    for (const problem of wire.check(url, Object.fromEntries(flat), json)) {
      problems.push(`request of ${body.length} bytes: ${problem}`);
    }
  }

  function reply(turn: Turn, json: unknown): Reply {
    const whole = JSON.stringify(json);
    for (const proof of given) if (whole.includes(proof)) returned.add(proof);
    for (const result of turn.results) results.add(result);
    const { model } = turn;
    const number = turn.results.length + 1;
    if (turn.tools.length === 0) return { step: { kind: "say", text: aside(whole) }, model, turn: number };
    const step = nextStep(agent, task, turn);
    if (!wire.proves(json)) return { step, model, turn: number };
    const proof = Buffer.from(`proof ${number} ${crypto.randomUUID()}`).toString("base64");
    if (step.kind === "call") given.add(proof);
    return { step, model, turn: number, proof };
  }

  const upstream = await startUpstream(async (received, res) => {
    const operation = wire.operation(received.url);
    if (operation === undefined) {
      problems.push(`asked for ${received.method} ${received.url}`);
      sendJson(res, 404, wire.error("no such path"));
      return;
    }
    try {
      const json: unknown = JSON.parse(received.body.toString());
      judge(received, json);
      if (operation === "count") {
        sendJson(res, 200, wire.count);
        return;
      }
      const turn = wire.read(received.url, json);
      const answered = reply(turn, json);
      if (turn.stream) await sendStream(res, wire.events(answered));
      else sendJson(res, 200, wire.whole(answered));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push(message);
      sendJson(res, 400, wire.error(message));
    }
  });
  return {
    url: upstream.url + wire.basePath,
    requests: upstream.received,
    problems,
    results,
    proofs: { given, returned },
    [Symbol.asyncDispose]: () => upstream.close(),
  };
}
