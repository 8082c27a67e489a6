/** Connected clients that a change of Portico's address or key has cut off, and what mends them. */
import { ANY_KEY } from "../../control/clientKey.ts";
import type { ClientChange, ClientState, ClientTarget } from "../../control/clients.ts";
import { isRecord } from "../common/json.ts";
import type { Format, Json, Wanted } from "./formats/format.ts";
import { type Change, planDisconnect, type Version } from "./plan.ts";
import { holds, same } from "./values.ts";

/** Where Portico is now, and the key that it takes there. */
export type Address = Pick<ClientTarget, "baseUrl" | "key">;

/** Milliseconds that whoever is at an address gets to say that it is a Portico. */
const ANSWER_MS = 1000;
/** Names under which items of lists hold a credential. */
const KEY_NAME = "apiKey";

/**
 * @param text of a file that Portico has written to
 * @param baseUrl the address that the client's settings hold
 * @returns our values that are still there, with the address and key of now
 */
export function updated(
  text: string,
  format: Format,
  versions: readonly Version[],
  baseUrl: string,
  here: Address,
): Wanted[] {
  const ours = oursIn(text, format, versions);
  const from = rootOf(baseUrl);
  // Beside somebody else's address, our key has no business.
  if (!ours.some(({ value }) => !same(value, moved(value, from, { baseUrl: "", key: "" })))) return [];
  return ours.map((change) => updatedValue(change, from, here));
}

/** What we wrote there and still stands there. @throws Refused */
export function oursIn(text: string, format: Format, versions: readonly Version[]): readonly Change[] {
  const values = format.parse(text);
  const version = planDisconnect(text, format, versions).undone;
  return (version?.changes ?? []).filter((change) => holds(values, change));
}

/** An address as clients have it, without the version that some have at its end. */
export const rootOf = (baseUrl: string): string => baseUrl.replace(/\/(?:v1\/?)?$/, "");

/** A value of ours, with another address and key. @param from the address that is in it */
export function updatedValue(
  { path, value, item, renewed, secret }: Wanted,
  from: string,
  here: Address,
): Wanted {
  return {
    path,
    value: secret === undefined ? moved(value, from, here) : here.key,
    ...(item === undefined ? {} : { item }),
    ...(renewed === undefined ? {} : { renewed }),
    ...(secret === undefined ? {} : { secret }),
  };
}

function moved(value: Json, from: string, here: Address): Json {
  if (typeof value === "string") {
    return value === from || value.startsWith(`${from}/`) ? here.baseUrl + value.slice(from.length) : value;
  }
  if (Array.isArray(value)) return value.map((each: Json) => moved(each, from, here));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value as { readonly [name: string]: Json }).map(([name, each]) => [
      name,
      name === KEY_NAME ? here.key : moved(each, from, here),
    ]),
  );
}

/**
 * Why a client is cut off; `undefined`: it is not, or it was pointed elsewhere by somebody else.
 * @param baseUrl the address in its settings
 * @param change what an update would change
 */
export async function isOutdated(
  baseUrl: string,
  here: Address,
  change: () => Promise<ClientChange>,
  answers: (baseUrl: string) => Promise<boolean>,
): Promise<ClientState["outdated"]> {
  const isHere = baseUrl === here.baseUrl;
  // Where no key is needed, one that is not known does no harm.
  if (isHere && here.key === ANY_KEY) return undefined;
  const { files } = await change();
  if (files.every(({ before, after }) => before === after)) return undefined;
  if (isHere) return "key";
  // Another Portico of this person's: it is that one's client.
  return (await answers(baseUrl)) ? undefined : "address";
}

/** Never rejects. */
export async function aPorticoAnswers(baseUrl: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    // Whoever has the port by now does not send us elsewhere.
    const reply = await fetch(`${baseUrl}/healthz`, { signal, redirect: "error" });
    const reader = reply.body?.getReader();
    const first = await reader?.read();
    await reader?.cancel();
    // Where it wants its key even for that, it says so by its name.
    return /portico/i.test(new TextDecoder().decode(first?.value));
  } catch {
    return false;
  }
}
