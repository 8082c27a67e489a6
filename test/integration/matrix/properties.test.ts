/** Properties of the whole way: client SDK, gateway, provider and back. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { FEATURES } from "../../support/matrix/features.ts";
import { MODELS, misreadings, PAIRS, type Rig, startRig, WRITERS } from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import { HELLO, type Scene, USAGE } from "../../support/matrix/scene.ts";
import type { Params, TalkAnswer } from "../../support/matrix/talk.ts";
import { FINISH } from "../../support/matrix/words.ts";
import fc from "../../support/property.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const TRANSLATED = PAIRS.filter(({ client, target }) => client !== target);
const model = (target: Protocol) => `${target}/${MODELS[target].reasoning}`;
const facts = ({ raw: _raw, calls, ...rest }: TalkAnswer) => ({
  ...rest,
  calls: calls.map(({ name, args }) => ({ name, args })),
});

const RICH: Scene = {
  reasoning: "Überlegt: 思考 🧠\r\nzweite Zeile",
  signature: "c2lnbmF0dXJl",
  text: "Grüße — 你好 👩‍👩‍👧‍👦\r\n\r\ndata: no event\n\n: no comment",
  calls: [
    { id: "call_1", name: "read", args: { path: "ä/\u2028/🌍", lines: ["\r\n", "\n"] } },
    { id: "call_2", name: "list" },
  ],
  finish: "tool-calls",
  usage: USAGE,
};

describe.each(TRANSLATED)("$client client, $target account", ({ client, target }) => {
  it("reads the same wherever the network cuts the provider's stream", async () => {
    const ask = () => rig.talk(client, model(target)).ask({ text: "hi" }, true, TOOLS[client]);
    rig.scene = RICH;
    const whole = facts(await ask());
    expect(whole).toMatchObject({ text: RICH.text, reasoning: RICH.reasoning });
    const cuts = fc.oneof(
      fc.array(fc.nat({ max: 9999 }), { minLength: 1, maxLength: 30 }),
      // Every byte by itself, in some place.
      fc.nat({ max: 9000 }).map((from) => Array.from({ length: 60 }, (_, index) => from + index)),
    );
    await fc.assert(
      fc.asyncProperty(
        cuts,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.boolean(),
        async (places, newline, comments) => {
          const text = WRITERS[target](RICH)
            .events.map(({ event, data }) => {
              const lines = [
                ...(comments ? [": keep-alive", ""] : []),
                ...(event === undefined ? [] : [`event: ${event}`]),
                `data: ${data}`,
                "",
                "",
              ];
              return lines.join(newline);
            })
            .join("");
          const bytes = Buffer.from(text);
          rig.script = async (_received, res) => {
            res.writeHead(200, { "content-type": "text/event-stream" });
            let at = 0;
            for (const place of [
              ...places.map((cut) => cut % bytes.length).toSorted((a, b) => a - b),
              bytes.length,
            ]) {
              if (place > at) res.write(bytes.subarray(at, place));
              at = Math.max(at, place);
              await new Promise((resolve) => setImmediate(resolve));
            }
            res.end();
          };
          expect(facts(await ask())).toEqual(whole);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("gets whatever the model may say, in a stream and in a reply that its protocol allows", async () => {
    const args = fc.dictionary(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((key) => key !== "__proto__"),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 3 },
    );
    // Blank text is nothing that anybody would stream.
    const words = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .filter((text) => text.trim() !== "");
    const scene = fc.record({
      reasoning: fc.option(words, { nil: undefined }),
      text: fc.option(words, { nil: undefined }),
      calls: fc.array(
        fc.record({ name: fc.constantFrom("read", "list"), args: fc.option(args, { nil: undefined }) }),
        { maxLength: 3 },
      ),
      signature: fc.option(fc.base64String({ minLength: 8, maxLength: 40 }), { nil: undefined }),
      length: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(scene, fc.boolean(), async ({ reasoning, text, calls, signature, length }, stream) => {
        // A last call without arguments, or in a whole reply, may be one that the limit cut.
        const mayBeCut = calls.length > 0 && (!stream || calls.at(-1)?.args === undefined);
        const finish = length && !mayBeCut ? "length" : calls.length > 0 ? "tool-calls" : "stop";
        rig.scene = {
          ...(reasoning === undefined
            ? {}
            : { reasoning, ...(signature === undefined ? {} : { signature }) }),
          ...(text === undefined && calls.length === 0 ? { text: "." } : text === undefined ? {} : { text }),
          calls: calls.map(({ name, args: given }, index) => ({
            id: `call_${index}`,
            name,
            ...(given === undefined ? {} : { args: given }),
          })),
          finish,
          usage: USAGE,
        };
        const answer = await rig.talk(client, model(target)).ask({ text: "hi" }, stream, TOOLS[client]);
        expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
        expect(answer).toMatchObject({
          text: rig.scene.text ?? "",
          reasoning: reasoning ?? "",
          finish: FINISH[finish][client],
        });
        expect(answer.calls.map((call) => ({ name: call.name, args: call.args }))).toEqual(
          JSON.parse(JSON.stringify(calls.map(({ name, args: given = {} }) => ({ name, args: given })))),
        );
      }),
      { numRuns: 12 },
    );
  });
});

describe.each(PROTOCOLS)("%s client", (client) => {
  const sayable = FEATURES.filter((feature) => feature.says[client] !== undefined);

  it("never gets a failure of the gateway's own for what its protocol allows, in any combination", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat({ max: sayable.length - 1 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...PROTOCOLS),
        fc.constantFrom("plain", "reasoning"),
        fc.boolean(),
        async (picked, target, kind, stream) => {
          rig.reset();
          rig.scene = { ...HELLO, text: '"Hello"' };
          const params: Params = Object.assign({}, ...picked.map((at) => sayable[at]?.says[client]));
          const asked = rig
            .talk(client, `${target}/${MODELS[target][kind as "plain" | "reasoning"]}`)
            .ask({ text: "hi" }, stream, params);
          const failed = await asked.then(
            () => false,
            () => true,
          );
          const { status } = await rig.seen();
          expect(status).toBeLessThan(500);
          // What Portico makes of it has to be right; what it passes on is the client's own affair.
          if (client === target) return;
          expect([...rig.refused]).toEqual([]);
          expect(failed).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
});
