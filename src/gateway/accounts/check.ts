/** Whether an account that a person wants to add would work: one real, cheap call with its key. */

import * as z from "zod";
import type { CheckResult, NewAccount } from "../../control/contract.ts";
import type { Protocol } from "../../control/protocol.ts";
import { messageOf } from "../common/errors.ts";
import { destination, redirectMessage } from "../common/redirect.ts";
import { WIRES } from "../protocols/wires.ts";
import type { Account, AccountKey } from "../providers/account.ts";
import { listingOf } from "../routing/modelList.ts";
import { accountSchema } from "../settings/settings.ts";
import { buildAccounts } from "./accounts.ts";
import { classify } from "./failures.ts";
import type { ReplyHeaders } from "./retryTimes.ts";

export interface CheckReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReplyHeaders;
  /** Parsed JSON where it is some, else text. */
  readonly body: unknown;
}

/**
 * Sends `GET path`, or `POST path` with `body` as JSON, behind the base of an account's endpoint
 * for `protocol`, with its key, and resolves whatever the status. Rejects where no reply came.
 * `provider.path` is the port's to apply.
 */
export type Ask = (
  account: Account,
  request: { path: string; protocol: Protocol; body?: unknown },
) => Promise<CheckReply>;

/**
 * Tries the key with the provider. Keeps nothing; what went wrong is said in the provider's words.
 * @param key in place of `wanted.apiKey`, where it is more than that
 */
export async function checkAccount(wanted: NewAccount, ask: Ask, key?: AccountKey): Promise<CheckResult> {
  const built = build(wanted, key);
  if (typeof built === "string") return other(built);
  const { account, problem } = built;
  if (problem !== undefined) return other(problem);
  const { provider } = account;
  if (provider.models !== undefined) return { ok: true, models: provider.models.map((model) => model.id) };
  if (provider.keyRequired && key === undefined && (wanted.apiKey ?? "").trim() === "") {
    const where = provider.keyPage === undefined ? "" : ` Get one at ${provider.keyPage}.`;
    return { ok: false, reason: "key-refused", message: `${provider.label} needs an API key.${where}` };
  }
  const result = await callFor(account, wanted, ask);
  if (result.ok) return result;
  const secret = typeof key === "object" ? key.key : (key ?? wanted.apiKey);
  return { ...result, message: withoutKey(result.message, secret) };
}

async function callFor(account: Account, wanted: NewAccount, ask: Ask): Promise<CheckResult> {
  const proof = proofOf(account);
  if (proof !== undefined) {
    const failed = await failureOf(account, proof, ask);
    if (failed !== undefined) return failed;
    // The key is good; what it opens is a help, not a condition.
    const list = await listOf(account, ask).catch(() => undefined);
    return { ok: true, models: list?.kind === "models" ? list.models : (wanted.models ?? []) };
  }
  try {
    const list = await listOf(account, ask);
    if (list.kind === "models") return { ok: true, models: list.models };
    return list.kind === "absent" ? withoutList(wanted, account) : list.result;
  } catch (thrown) {
    if (thrown instanceof z.ZodError) return withoutList(wanted, account);
    return unreachable(account, thrown);
  }
}

/** A call that proves the key where the model list does not, if this account can make it. */
function proofOf(account: Account): Account["provider"]["keyCheck"] {
  const { keyCheck } = account.provider;
  if (keyCheck === undefined) return undefined;
  if (account.endpoints.has(keyCheck.protocol)) return keyCheck;
  // OpenAI's paths are behind either of its endpoints.
  const { family } = WIRES[keyCheck.protocol].client;
  const protocol = [...account.endpoints.keys()].find((each) => WIRES[each].client.family === family);
  return protocol === undefined ? undefined : { ...keyCheck, protocol };
}

async function failureOf(
  account: Account,
  request: { path: string; protocol: Protocol; body?: unknown },
  ask: Ask,
): Promise<CheckResult | undefined> {
  try {
    const reply = await ask(account, request);
    return isOk(reply) ? undefined : refused(account, request.protocol, reply);
  } catch (thrown) {
    return unreachable(account, thrown);
  }
}

type ModelList =
  | { readonly kind: "models"; readonly models: string[] }
  | { readonly kind: "refused"; readonly result: CheckResult }
  | { readonly kind: "absent" };

async function listOf(account: Account, ask: Ask): Promise<ModelList> {
  const protocol = listingOf(account);
  if (protocol === undefined) return { kind: "absent" };
  const { modelList } = WIRES[protocol];
  const reply = await ask(account, { path: modelList.path(), protocol });
  if (isOk(reply)) {
    return { kind: "models", models: modelList.parse(reply.body).models.map((model) => model.id) };
  }
  if (isAbsent(reply)) return { kind: "absent" };
  return { kind: "refused", result: refused(account, protocol, reply) };
}

const isOk = (reply: CheckReply): boolean => reply.status >= 200 && reply.status < 300;
const isAbsent = (reply: CheckReply): boolean =>
  reply.status === 404 || reply.status === 405 || reply.status === 501;

function refused(account: Account, protocol: Protocol, reply: CheckReply): CheckResult {
  const { status, headers } = reply;
  const base = account.endpoints.get(protocol)?.base ?? "";
  const location = status >= 300 && status < 400 ? headers.location : undefined;
  const to = typeof location === "string" ? destination(location, base) : undefined;
  if (to !== undefined) return other(`${redirectMessage(hostOf(account), to, status)}.`);
  const failure = classify({ provider: account.provider.id, protocol, ...reply, now: Date.now() });
  const reason = failure.class === "credential" ? "key-refused" : "other";
  return { ok: false, reason, message: failure.message };
}

/** Servers of one's own need not list their models; then a person does. */
function withoutList(wanted: NewAccount, account: Account): CheckResult {
  if (wanted.models !== undefined && wanted.models.length > 0) return { ok: true, models: wanted.models };
  return other(
    `${hostOf(account)} answers, but lists no models where ${account.provider.label} servers do. Name its models, or check the address.`,
  );
}

function unreachable(account: Account, thrown: unknown): CheckResult {
  const words = messageOf(thrown);
  return { ok: false, reason: "unreachable", message: `${hostOf(account)} could not be reached: ${words}` };
}

const other = (message: string): CheckResult => ({ ok: false, reason: "other", message });

function hostOf(account: Account): string {
  const [first] = account.endpoints.values();
  return (first === undefined ? undefined : URL.parse(first.base)?.host) ?? account.label;
}

/** Providers mask a key that they quote, but not all do. */
function withoutKey(message: string, key: string | undefined): string {
  return key === undefined || key.length < 4 ? message : message.replaceAll(key, "[key]");
}

function build(
  wanted: NewAccount,
  given: AccountKey | undefined,
): { account: Account; problem: string | undefined } | string {
  const { apiKey, id, ...rest } = wanted;
  const key = apiKey?.trim() ?? "";
  const settings = accountSchema.safeParse({
    ...rest,
    id: id ?? "new",
    ...(key === "" ? {} : { credentials: { apiKey: key } }),
  });
  if (!settings.success) return z.prettifyError(settings.error);
  const { accounts, problems } = buildAccounts([settings.data], {
    secretFor: () => Promise.resolve(given),
  });
  const [account] = accounts;
  if (account === undefined) return "The account could not be built.";
  return { account, problem: problems.find((each) => each.severity === "error")?.message };
}
