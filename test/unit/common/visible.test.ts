import { describe, expect, it } from "vitest";
import { plain } from "../../../src/cli/screen.ts";
import { classify } from "../../../src/gateway/accounts/failures.ts";
import { createLog, createRedactor } from "../../../src/gateway/common/log.ts";
import { visible } from "../../../src/gateway/common/visible.ts";
import { newRecord } from "../../../src/gateway/records/record.ts";
import { makeVisible } from "../../../src/gateway/records/visibleRecord.ts";
import { accountSchema } from "../../../src/gateway/settings/settings.ts";

/** Each of which could turn a line round, clear a screen or begin a line of its own. */
const STEERING = [
  ..."\u0000\u0007\u0008\u001b\u007f\u0080\u009b\u061c\u200e\u200f\u2028\u2029",
  ..."\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
];
const steers = (text: string): boolean => STEERING.some((each) => text.includes(each));

describe("what others wrote", () => {
  const all = `a${STEERING.join("b")}\r\n\tc`;
  const shown = () => {
    const record = newRecord({ id: "r", time: 0, method: "POST", path: `/${all}` }, {
      "user-agent": `x${all}`,
    } as never);
    record.model = all;
    record.modelUsed = all;
    record.error = { kind: "upstream", message: all };
    record.warnings = [{ feature: all, message: all }];
    makeVisible(record);
    return record;
  };
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    write: (line) => void lines.push(line),
    now: () => 0,
    redactor: createRedactor(),
  });

  const logged = () => {
    log.info("m", { label: all });
    return lines.join("").trimEnd();
  };

  it.each<[string, () => string]>([
    ["on a terminal", () => plain(all)],
    ["in the log", logged],
    ["in a record", () => JSON.stringify(shown())],
    [
      "in a label",
      () => accountSchema.parse({ id: "a", provider: "openai", label: "a\u001b[2J\u202eb" }).label ?? "",
    ],
    [
      "in a provider's refusal",
      () =>
        classify({
          provider: "openai",
          protocol: "openai-chat",
          status: 400,
          headers: {},
          body: { error: { message: all } },
          now: 0,
        }).message,
    ],
  ])("steers nothing %s", (_where, said) => {
    const text = said();
    expect(steers(text)).toBe(false);
    expect(text).toContain("u202e");
  });

  it("is left alone otherwise", () => {
    for (const text of ["Büro 办公室", "👩‍💻 family", "עברית", "a\\b"]) expect(visible(text)).toBe(text);
    expect(visible("one\r\n\ttwo\u0085three")).toBe("one two three");
    expect(visible("\u001b[2J\u202e")).toBe("\\u001b[2J\\u202e");
  });
});
