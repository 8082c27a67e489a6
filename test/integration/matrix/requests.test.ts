/** Every feature of a request, by every client that can say it, to every provider: streamed and whole. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { Cell, Feature } from "../../support/matrix/feature.ts";
import { FEATURES } from "../../support/matrix/features.ts";
import { MODELS, misreadings, type Rig, startRig } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

function modelOf(feature: Feature, target: Protocol): string {
  const named = typeof feature.model === "object" ? feature.model[target] : undefined;
  return named ?? MODELS[target][typeof feature.model === "string" ? feature.model : "plain"];
}

/** The value at a path such as `messages.0.content`. */
const at = (body: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      body,
    );

const CASES = FEATURES.flatMap((feature) =>
  PROTOCOLS.flatMap((client) =>
    feature.says[client] === undefined
      ? []
      : PROTOCOLS.map((target) => ({
          name: `${feature.group}: ${feature.name}`,
          feature,
          client,
          target,
        })),
  ),
);

describe.each([true, false])("stream: %s", (stream) => {
  it.each(CASES)("$name ($client to $target)", async ({ feature, client, target }) => {
    const talk = rig.talk(client, `${target}/${modelOf(feature, target)}`);
    // The SDKs parse what was asked for as JSON.
    rig.scene = { ...HELLO, text: JSON.stringify("Hello wörld 🌍") };
    if (client === target && feature.refusedIn?.includes(target) === true) {
      // A client that says so to its own provider is told by that one.
      await expect(talk.ask({ text: "hi" }, stream, feature.says[client])).rejects.toThrow();
      expect(rig.sent).toHaveLength(1);
      return;
    }
    const answer = await talk.ask({ text: "hi" }, stream, feature.says[client]);
    expect(rig.refused).toEqual([]);
    expect(answer.text).toBe(rig.scene.text);
    const sent = rig.sent.at(-1);
    expect(sent).toMatchObject({ account: target, stream });
    const seen = await rig.seen();
    const warnings = seen.headers.get("x-portico-warnings") ?? "";
    if (client === target) {
      expect(warnings).toBe("");
      return;
    }
    expect(misreadings(client, seen, stream)).toEqual([]);
    const cell: Cell = feature.except?.[`${client}>${target}`] ?? feature.gets[target];
    for (const [path, value] of Object.entries(cell.is ?? {}))
      expect({ [path]: at(sent?.body, path) }).toEqual({ [path]: value });
    for (const path of cell.not ?? [])
      expect({ [path]: at(sent?.body, path) }).toEqual({ [path]: undefined });
    if (cell.warns === undefined) expect(warnings).toBe("");
    else expect(warnings).toMatch(cell.warns);
    // The record has every warning whole; the header is their short form.
    const record = await rig.record();
    expect(record.lane).toBe("B");
    expect(record.warnings.map(({ feature: name, message }) => `${name}: ${message}`).join("; ")).toBe(
      warnings,
    );
  });
});
