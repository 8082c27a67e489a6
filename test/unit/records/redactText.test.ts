/** Recorded bodies: no secret survives, in no place and no escaped form, and JSON stays JSON. */
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../../src/gateway/common/log.ts";
import { redactText } from "../../../src/gateway/records/redactText.ts";
import fc from "../../support/property.ts";

const OWN = 'tr0ub4dor&3 "mine"';
const redactor = createRedactor();
redactor.add([OWN]);
const { redact } = redactor;
const clean = (text: string, kind: Partial<Parameters<typeof redactText>[1]> = {}) =>
  redactText(text, { stream: false, cut: false, ...kind }, redact);

const tail = fc.string({
  unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
  minLength: 24,
  maxLength: 40,
});
/** All that have a look of their own. */
const shaped = fc.oneof(
  fc
    .tuple(fc.constantFrom("sk-", "sk-proj-", "ghp_", "AIza", "xai-", "hf_", "gsk_"), tail)
    .map((both) => both.join("")),
  fc.tuple(tail, tail, tail).map(([head, body, end]) => `eyJ${head}.eyJ${body}.${end}`),
  fc.constant(OWN),
);

interface Planted {
  value: unknown;
  secrets: string[];
}
const word = fc.string({ maxLength: 12 });
const leaf: fc.Arbitrary<Planted> = fc.oneof(
  fc
    .oneof(word, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null))
    .map((value) => ({ value, secrets: [] })),
  fc
    .tuple(word, shaped, word)
    .map(([before, secret, after]) => ({ value: `${before} ${secret} ${after}`, secrets: [secret] })),
);
/** Values with secrets anywhere: as text, as names, under names, and in JSON within strings. */
const planted: fc.Arbitrary<Planted> = fc.letrec<{ node: Planted }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("node"), { maxLength: 4 }).map((items) => ({
      value: items.map(({ value }) => value),
      secrets: items.flatMap(({ secrets }) => secrets),
    })),
    fc.array(fc.tuple(word, tie("node")), { maxLength: 4 }).map((entries) => ({
      value: Object.fromEntries(entries.map(([name, { value }]) => [`_${name}`, value])),
      secrets: entries.flatMap(([, { secrets }]) => secrets),
    })),
    fc.tuple(shaped, tie("node")).map(([name, { value, secrets }]) => ({
      value: { [name]: value },
      secrets: [...secrets, name],
    })),
    fc
      .tuple(
        fc.constantFrom(
          "password",
          "api_key",
          "OPENAI_API_KEY",
          "clientSecret",
          "access-token",
          "Set-Cookie",
          "refreshToken",
        ),
        tail,
        fc.boolean(),
      )
      .map(([name, secret, list]) => ({ value: { [name]: list ? [secret] : secret }, secrets: [secret] })),
    tie("node").map(({ value, secrets }) => ({ value: JSON.stringify(value), secrets })),
  ),
})).node;

/** JSON in whose strings characters are escaped as `pick` wants it, those of JSON within it too. */
function written(value: unknown, pick: () => boolean): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
    string.replace(/\\u[0-9a-f]{4}|\\.|[\w-]/g, (each) =>
      each.length === 1 && pick() ? escaped(each) : each,
    ),
  );
}

/** All that somebody can read out of it who undoes every escape. */
function revealed(text: string): string {
  let all = text;
  for (let round = 0, now = text; round < 8; round += 1) {
    const next = now
      .replace(/\\u([0-9a-f]{4})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/\\(["\\/])/g, "$1");
    if (next === now) break;
    all += `\n${next}`;
    now = next;
  }
  return all;
}

const picks = fc.infiniteStream(fc.boolean()).map((stream) => () => stream.next().value === true);

describe("secrets in JSON", () => {
  it("are in no place and no escaped form afterwards, and what is left is JSON", () => {
    fc.assert(
      fc.property(planted, picks, ({ value, secrets }, pick) => {
        const text = written(value, pick);
        const after = clean(text);
        const readable = revealed(after);
        for (const secret of secrets) expect(readable).not.toContain(secret);
        expect(() => JSON.parse(after)).not.toThrow();
        if (secrets.length === 0) expect(after).toBe(text);
      }),
      { numRuns: 400 },
    );
  });

  it("are taken out of each event of a stream", () => {
    const events = fc.array(planted, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(events, picks, fc.constantFrom("\n", "\r\n"), (all, pick, end) => {
        const text = all
          .map(({ value }) => `event: x${end}data: ${written(value, pick)}${end}${end}`)
          .join("");
        const after = clean(`${text}data: [DONE]${end}${end}`, { stream: true });
        const readable = revealed(after);
        for (const secret of all.flatMap(({ secrets }) => secrets)) expect(readable).not.toContain(secret);
        const lines = after.split(end).filter((line) => line.startsWith("data: "));
        expect(lines.pop()).toBe("data: [DONE]");
        expect(lines.map((line) => typeof JSON.parse(line.slice(6)))).toHaveLength(all.length);
      }),
      { numRuns: 100 },
    );
  });

  it("are taken out where a stream says them piece by piece, and the other words stay", () => {
    const events = {
      chat: (delta: string) => ({
        id: "chatcmpl-1",
        model: "m",
        choices: [{ index: 0, delta: { content: delta } }],
      }),
      anthropic: (text: string) => ({
        type: "content_block_delta",
        index: 1,
        delta: { type: "text_delta", text },
      }),
      responses: (delta: string) => ({ type: "response.output_text.delta", item_id: "i", delta }),
      gemini: (text: string) => ({ candidates: [{ content: { parts: [{ text }] } }] }),
    };
    const kinds = fc.constantFrom(...Object.values(events));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(kinds, shaped, sizes, (event, secret, lengths) => {
        const said = `The key is ${secret} and so on`;
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < said.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          pieces.push(said.slice(at, at + length));
          at += length;
        }
        const text = pieces.map((piece) => `event: x\ndata: ${JSON.stringify(event(piece))}\n\n`).join("");
        const after = redactText(
          `${text}data: [DONE]\n\n`,
          { stream: true, cut: false },
          redact,
          redactor.mask,
        );
        const read: string[] = [];
        const collect = (value: unknown): void => {
          if (typeof value === "string") read.push(value);
          else if (typeof value === "object" && value !== null)
            for (const each of Object.values(value)) collect(each);
        };
        for (const line of after.split("\n")) {
          if (!line.startsWith("data: {")) continue;
          const { id, model, type, item_id, ...rest } = JSON.parse(line.slice(6));
          if (rest.delta?.type !== undefined) delete rest.delta.type;
          collect(rest);
        }
        expect(read).toHaveLength(pieces.length);
        expect(read.join("")).toBe("The key is [redacted] and so on");
      }),
      { numRuns: 200 },
    );
  });

  it("are gone from what was cut in the middle of one, too", () => {
    fc.assert(
      fc.property(planted, picks, fc.nat(), ({ value, secrets }, pick, at) => {
        const text = written(value, pick);
        const readable = revealed(clean(text.slice(0, at % (text.length + 1)), { cut: true }));
        for (const secret of secrets.filter((each) => each !== OWN)) {
          expect(readable).not.toContain(secret.slice(0, 14));
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each<[string, string, string]>([
    ["an escape", '{"a":"\\u0073k-proj-abcdefghijklmnopqrst"}', '{"a":"[redacted]"}'],
    ["a number", '{"password": 123456, "n": 1.0}', '{"password": "[redacted]", "n": 1.0}'],
    ["nothing at all", '{"password": null, "cookie": true}', '{"password": null, "cookie": true}'],
    ["a list", '{"cookies": ["a", "b"], "c": "d"}', '{"cookies": ["[redacted]", "[redacted]"], "c": "d"}'],
    ["a name given twice", '{"a":"sk-proj-abcdefghijklmnopqrst","a":1}', '{"a":"[redacted]","a":1}'],
    [
      "a tool's schema",
      '{"properties":{"password":{"type":"string"}},"required":["password"]}',
      '{"properties":{"password":{"type":"string"}},"required":["password"]}',
    ],
    [
      "counts",
      '{"max_tokens":5,"usage":{"input_tokens":7},"token":"Hel"}',
      '{"max_tokens":5,"usage":{"input_tokens":7},"token":"Hel"}',
    ],
    ["text", "Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [redacted]"],
    ["escaped text", "say \\u0073k-proj-abcdefghijklmnopqrst", "say [redacted]"],
    ["other escaped text", "say \\u0068ello", "say \\u0068ello"],
    ["code", '{api_key="hunter2hunter2"}', '{api_key="[redacted]"}'],
    ["a value a line", '{"a":1}\n{"password":"x"}\n', '{"a":1}\n{"password":"[redacted]"}\n'],
  ])("is as it should be with %s", (_what, text, after) => {
    expect(clean(text)).toBe(after);
  });

  it("keeps every character where there is nothing to take out", () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, spaced) => {
        const given = spaced ? JSON.stringify(JSON.parse(text), undefined, 3) : text;
        expect(clean(given)).toBe(given);
      }),
    );
  });
});
