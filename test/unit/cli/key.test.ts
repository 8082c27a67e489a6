import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { edit, readKey } from "../../../src/cli/key.ts";

const said: string[] = [];
const source = (stdin: Readable, env = {}) => ({
  stdin: stdin as unknown as NodeJS.ReadStream,
  env,
  write: (text: string) => void said.push(text),
});
const wanted = { variable: undefined, label: "OpenAI", required: true };

/** A terminal in raw mode. */
function terminal(...chunks: string[]) {
  const modes: boolean[] = [];
  const stdin = Readable.from(chunks, { objectMode: true });
  return Object.assign(stdin, { isTTY: true, modes, setRawMode: (on: boolean) => modes.push(on) });
}

describe("readKey", () => {
  it("reads a variable, without what surrounds it", async () => {
    const variable = "MY_KEY";
    expect(await readKey({ ...wanted, variable }, source(Readable.from([]), { MY_KEY: " sk-1\n" }))).toBe(
      "sk-1",
    );
    await expect(readKey({ ...wanted, variable }, source(Readable.from([]), {}))).rejects.toThrow("not set");
    await expect(
      readKey({ ...wanted, variable }, source(Readable.from([]), { MY_KEY: " " })),
    ).rejects.toThrow("empty");
  });

  it("reads standard input to its end", async () => {
    expect(await readKey(wanted, source(Readable.from(["sk-", "1\n"])))).toBe("sk-1");
    await expect(readKey(wanted, source(Readable.from([])))).rejects.toThrow("OpenAI needs a key");
    expect(await readKey({ ...wanted, required: false }, source(Readable.from([])))).toBeUndefined();
    const endless = Readable.from(Array.from({ length: 100 }, () => "x".repeat(1000)));
    await expect(readKey(wanted, source(endless))).rejects.toThrow("too long");
  });

  it("asks on a terminal, where what is typed is not shown", async () => {
    said.length = 0;
    const tty = terminal("s", "k-1", "x\u007f", "2\r");
    expect(await readKey(wanted, source(tty))).toBe("sk-12");
    expect(said.join("")).toBe("Key of OpenAI: \n");
    expect(tty.modes).toEqual([true, false]);
    await expect(readKey(wanted, source(terminal("sk", "\u0003")))).rejects.toThrow("cancelled");
    expect(await readKey({ ...wanted, required: false }, source(terminal("\r")))).toBeUndefined();
  });
});

describe("a key that is pasted", () => {
  const variable = "MY_KEY";
  const ways: [string, (text: string) => Promise<string | undefined>][] = [
    ["variable", (text) => readKey({ ...wanted, variable }, source(Readable.from([]), { MY_KEY: text }))],
    ["input", (text) => readKey(wanted, source(Readable.from([Buffer.from(text)])))],
    [
      "input of PowerShell",
      (text) => readKey(wanted, source(Readable.from([Buffer.from(`\uFEFF${text}`, "utf16le")]))),
    ],
    ["terminal", (text) => readKey(wanted, source(terminal(`${text}\r`)))],
  ];
  it.each(ways)("is cleaned, and refused by character and place: %s", async (_name, read) => {
    expect(await read('"Bearer sk-\u200B1"')).toBe("sk-1");
    await expect(read("sk-ü")).rejects.toThrow("has “ü” (U+00FC) as character 4");
    await expect(read("\u200B")).rejects.toThrow(/empty|needs a key/);
  });
});

describe("edit", () => {
  it.each([
    ["abc", "abc"],
    ["abd\u007fc", "abc"],
    ["xyz\u0015abc", "abc"],
    ["abc\rdef", "abc"],
    ["\u007fa\u001bb", "ab"],
  ])("%j is %s", (typed, kept) => {
    expect(edit(typed)).toBe(kept);
  });
});
