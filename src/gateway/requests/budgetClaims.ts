/** What a request may use of budgets, before it is known what it used. */
import type { Expected } from "../accounts/budgets/claims.ts";
import { fieldsOf } from "../common/json.ts";
import { WIRES } from "../protocols/wires.ts";
import { isCounted, type RequestRecord } from "../records/record.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { ClientKey } from "../settings/clientKeys.ts";
import type { AttemptDeps } from "./attempts/dependencies.ts";
import type { Call } from "./call.ts";
import type { GatewayContext } from "./context.ts";

/** Characters per token, about. */
const CHARACTERS_PER_TOKEN = 4;
/** Tokens of input at most: images and files in the body are long and cost less than their length. */
const MOST_INPUT = 200_000;
/** Tokens of a reply for which the client states no limit, and at most: hardly any is as long as it may be. */
const USUAL_OUTPUT = 4096;
const MOST_OUTPUT = 32_768;

/** The claims of one request, which end with its record. */
export function claimsOf(
  call: Call,
  record: RequestRecord,
  { pool: { budgets } }: Pick<GatewayContext, "pool">,
): NonNullable<AttemptDeps["budget"]> {
  let known: Expected | undefined;
  const expected = (): Expected => {
    known ??= expectedOf(call, record.bytesIn ?? 0);
    return known;
  };
  return {
    claim: ({ account, model }) =>
      account.provider.id === "sandbox" ? undefined : budgets.claim(record, account.id, model, expected),
    release: () => budgets.release(record),
  };
}

/** The same of the client key that was shown. @throws PorticoError 429 where nothing is left of what it may use */
export function claimForKey(
  { pool }: Pick<GatewayContext, "pool">,
  key: ClientKey,
  call: Call,
  record: RequestRecord,
  candidate: Candidate,
): void | Promise<void> {
  if (!isCounted(record) || candidate.account.provider.id === "sandbox") return;
  return pool.keys.claim(key, record, candidate, () => expectedOf(call, record.bytesIn ?? 0));
}

function expectedOf({ operation, protocol, json }: Call, bytes: number): Expected {
  const input = Math.min(MOST_INPUT, Math.ceil(bytes / CHARACTERS_PER_TOKEN));
  if (operation === "embeddings") return { input, output: 0 };
  const stated = WIRES[protocol].edits.outputLimit(fieldsOf(json));
  return { input, output: Math.min(MOST_OUTPUT, stated ?? USUAL_OUTPUT) };
}
