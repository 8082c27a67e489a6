import { expect, it } from "vitest";
import { Bindings } from "../../../src/gateway/accounts/bindings.ts";
import { LateStates, MOST_LATE } from "../../../src/gateway/accounts/lateState.ts";
import { SignatureStore } from "../../../src/gateway/state/signatureStore.ts";

const scope = { session: "s", model: "m" };
const call = (callId: string) => ({
  type: "tool-call" as const,
  callId,
  name: "f",
  kind: "function" as const,
  input: "{}",
  signature: { protocol: "gemini" as const, kind: "signature" as const, data: "c2ln" },
});

it("is what came since the process left, once, and bounded", () => {
  const [bindings, signatures, late] = [new Bindings(), new SignatureStore(), new LateStates()];
  bindings.set("early", "a");
  late.begin(bindings, signatures);
  expect(late.take()).toBeUndefined();
  bindings.set("late", "b");
  signatures.keep(scope, call("c1"), []);
  const taken = late.take();
  expect(taken?.bindings).toEqual([["late", "b"]]);
  expect(taken?.signatures).toMatchObject([{ callId: "c1", session: "s", model: "m" }]);
  expect(late.take()).toBeUndefined();
  for (let n = 0; n < MOST_LATE + 7; n++) bindings.set(`id${n}`, "a");
  const most = late.take()?.bindings ?? [];
  expect(most).toHaveLength(MOST_LATE);
  expect(most.at(-1)).toEqual([`id${MOST_LATE + 6}`, "a"]);
});

it("is taken up by another store as it was kept; what is none is passed over", () => {
  const [mine, theirs] = [new SignatureStore(), new SignatureStore()];
  const late = new LateStates();
  late.begin(new Bindings(), mine);
  mine.keep(scope, call("c1"), []);
  const sent: unknown = JSON.parse(JSON.stringify(late.take()?.signatures));
  theirs.merge([null, { session: 1 }, ...(Array.isArray(sent) ? sent : [])]);
  expect(theirs.count).toBe(1);
});
