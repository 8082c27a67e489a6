import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { dataDirectory, runtimeDirectory } from "../../../src/gateway/config/dataDir.ts";

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

describe("runtimeDirectory", () => {
  const home = "/home/u";
  it.each([
    ["linux", { XDG_RUNTIME_DIR: "/run/user/1000" }, "/run/user/1000/portico"],
    ["linux", { XDG_RUNTIME_DIR: "relative" }, "/home/u/.local/share/portico/running"],
    ["linux", { XDG_DATA_HOME: "/x", PORTICO_DATA_DIR: "/d" }, "/x/portico/running"],
    ["darwin", {}, "/home/u/Library/Application Support/Portico/running"],
    ["darwin", { XDG_RUNTIME_DIR: "/r" }, "/r/portico"],
  ] as const)("%s %j -> %s", (platform, env, expected) => {
    expect(runtimeDirectory({ platform, env, home })).toBe(expected);
  });

  it("is in Windows' folder for local data", () => {
    const host = { platform: "win32", home: "C:\\Users\\u" } as const;
    const env = { LOCALAPPDATA: "D:\\L", XDG_RUNTIME_DIR: "/r", PORTICO_DATA_DIR: "E:\\p" };
    expect(runtimeDirectory({ ...host, env })).toBe("D:\\L\\Portico\\running");
  });
});
