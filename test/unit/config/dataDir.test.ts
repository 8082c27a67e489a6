import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { dataDirectory } from "../../../src/gateway/config/dataDir.ts";

describe("dataDirectory", () => {
  const home = "/home/u";
  it.each([
    ["linux", {}, "/home/u/.local/share/portico"],
    ["linux", { XDG_DATA_HOME: "/x" }, "/x/portico"],
    ["linux", { XDG_DATA_HOME: "relative" }, "/home/u/.local/share/portico"],
    ["linux", { XDG_DATA_HOME: "" }, "/home/u/.local/share/portico"],
    ["darwin", { XDG_DATA_HOME: "/x" }, "/home/u/Library/Application Support/Portico"],
    ["linux", { PORTICO_DATA_DIR: "/d/e", XDG_DATA_HOME: "/x" }, "/d/e"],
    ["linux", { PORTICO_DATA_DIR: "rel" }, resolve("rel")],
    ["darwin", { PORTICO_DATA_DIR: "" }, "/home/u/Library/Application Support/Portico"],
  ] as const)("%s %j -> %s", (platform, env, expected) => {
    expect(dataDirectory({ platform, env, home })).toBe(expected);
  });

  it("uses Windows' folders with its separators", () => {
    const host = { platform: "win32", home: "C:\\Users\\u" } as const;
    expect(dataDirectory({ ...host, env: { LOCALAPPDATA: "D:\\L" } })).toBe("D:\\L\\Portico");
    expect(dataDirectory({ ...host, env: {} })).toBe("C:\\Users\\u\\AppData\\Local\\Portico");
  });
});
