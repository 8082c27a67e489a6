import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "../../../src/cli/settings.ts";
import { decodeText } from "../../../src/gateway/common/readText.ts";
import { createSecretsFile } from "../../../src/gateway/config/secretsFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

/** As Notepad, PowerShell and editors save the same text. */
const WRITTEN: readonly (readonly [string, (text: string) => Buffer])[] = [
  ["UTF-8", (text) => Buffer.from(text)],
  ["UTF-8 with a mark", (text) => Buffer.from(`\uFEFF${text}`)],
  ["UTF-16 LE with a mark", (text) => Buffer.from(`\uFEFF${text}`, "utf16le")],
  ["UTF-16 LE", (text) => Buffer.from(text, "utf16le")],
  ["UTF-16 BE with a mark", (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
  ["UTF-16 BE", (text) => Buffer.from(text, "utf16le").swap16()],
];

let folder: string;
beforeEach(() => {
  folder = makeFolder("text");
});
afterEach(() => removeFolder(folder));

describe.each(WRITTEN)("a file in %s", (_name, write) => {
  it("is read as it was meant", () => {
    for (const text of ["{}", '{"label": "Büro 办公室 🔑"}\r\n']) expect(decodeText(write(text))).toBe(text);
  });

  it("can be the config file, and has its problems at their places", async () => {
    const config = join(folder, "portico.jsonc");
    await writeFile(config, write('{\r\n  "port": 4321, // Büro\r\n}\r\n'));
    const read = () => readSettings({ config, port: undefined, host: undefined }, {});
    expect((await read()).settings.port).toBe(4321);
    await writeFile(config, write('{\r\n  "prt": 4321}'));
    await expect(read()).rejects.toThrow("portico.jsonc:2:3 prt:");
  });

  it("can be the file of secrets", async () => {
    const file = join(folder, "secrets.json");
    await writeFile(file, write('{"a": "b"}'));
    expect(await createSecretsFile(file).get("a")).toBe("b");
  });
});

it("a text of one byte or none is no UTF-16", () => {
  expect(decodeText(Buffer.from(""))).toBe("");
  expect(decodeText(Buffer.from("{"))).toBe("{");
});
