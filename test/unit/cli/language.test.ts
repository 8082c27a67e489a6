/** The command line in the languages of whoever sits at the terminal. */

import { afterAll, describe, expect, it } from "vitest";
import { accountLines } from "../../../src/cli/accounts.ts";
import { helpText } from "../../../src/cli/help.ts";
import { clock } from "../../../src/cli/labels.ts";
import { languageOf, speak, spoken } from "../../../src/cli/language.ts";
import { COMMANDS, type CommandName } from "../../../src/cli/options.ts";
import { widthOf } from "../../../src/cli/screen.ts";
import fc from "../../support/property.ts";
import { fakeScreen } from "../../support/screen.ts";

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
const screen = fakeScreen({ now: () => NOW });

describe("the language of a terminal", () => {
  it.each([
    [{ LANG: "ko_KR.UTF-8" }, "ko"],
    [{ LANG: "zh_CN.GB18030" }, "zh-cn"],
    [{ LANG: "zh_SG" }, "zh-cn"],
    [{ LANG: "zh_TW.UTF-8" }, "en"],
    [{ LANG: "ko" }, "ko"],
    [{ LANG: "ca_ES@valencia" }, "en"],
    [{ LANG: "C.UTF-8" }, "en"],
    [{ LANG: "POSIX" }, "en"],
    [{}, "en"],
    [{ LANG: "ko_KR.UTF-8", LC_MESSAGES: "en_GB.UTF-8" }, "en"],
    [{ LANG: "en_US.UTF-8", LC_ALL: "zh_CN.UTF-8", LC_MESSAGES: "ko_KR" }, "zh-cn"],
    [{ LANG: "ko_KR.UTF-8", LC_ALL: "" }, "ko"],
  ] as const)("%j: %s", (env, language) => {
    expect(languageOf(env)).toBe(language);
  });

  it("is English for whatever else stands there", () => {
    fc.assert(
      fc.property(fc.string(), (LANG) => {
        expect(["en", "zh-cn", "ko"]).toContain(languageOf({ LANG }));
      }),
    );
  });

  it("stays English where no person reads", async () => {
    await speak({ LANG: "ko_KR.UTF-8" }, false);
    expect(spoken()).toBe("en");
    expect(helpText()).toContain("Commands:");
  });
});

describe.each([
  ["zh_CN.UTF-8", "命令:", "还没有帐户。添加一个: portico accounts add PROVIDER", "1月2日 03:04"],
  ["ko_KR.UTF-8", "명령:", "아직 계정이 없습니다. 추가하기: portico accounts add PROVIDER", "1월 2일 03:04"],
])("in %s", (LANG, commands, none, day) => {
  // Other tests may share the module.
  afterAll(() => speak({}, false));

  it("is spoken in all help, within 100 columns", async () => {
    await speak({ LANG }, true);
    expect(helpText()).toContain(commands);
    for (const name of [undefined, ...(Object.keys(COMMANDS) as CommandName[])]) {
      const lines = helpText(name).split("\n");
      expect(lines.filter((line) => widthOf(line) > 100)).toEqual([]);
      // Every word that stands for something is there still.
      expect(lines[name === undefined ? 2 : 0]).toContain(`portico ${name ?? "COMMAND"}`);
    }
  });

  it("is spoken in what commands say, with its own dates", async () => {
    await speak({ LANG }, true);
    expect(accountLines([], screen)).toEqual([none]);
    expect(clock(screen, Date.UTC(2026, 0, 2, 3, 4, 5))).toBe(day);
  });
});
