import { describe, expect, it } from "vitest";
import { HELP, parseCommand, UsageError } from "../../../src/cli/arguments.ts";
import { listenOn, override } from "../../../src/cli/settings.ts";
import { defaultSettings } from "../../../src/gateway/settings.ts";

const serve = {
  kind: "serve",
  config: undefined,
  port: undefined,
  host: undefined,
  dataDir: undefined,
  logLevel: "info",
} as const;

const route = {
  kind: "route",
  protocol: "openai-chat",
  config: undefined,
  dataDir: undefined,
} as const;

const local = { address: "127.0.0.1", loopback: true };
const all = { address: "0.0.0.0", loopback: false };

describe("parseCommand", () => {
  it.each([
    [["serve"], serve],
    [["serve", "--port", "0"], { ...serve, port: 0 }],
    [["serve", "--port=65535", "--config", "a b.jsonc"], { ...serve, port: 65_535, config: "a b.jsonc" }],
    [["--port", "1", "serve"], { ...serve, port: 1 }],
    [["serve", "--host", "localhost"], { ...serve, host: local }],
    [["serve", "--host", "[::1]"], { ...serve, host: { address: "::1", loopback: true } }],
    [["serve", "--host", "0.0.0.0"], { ...serve, host: all }],
    [["serve", "--data-dir", "d", "--log-level", "debug"], { ...serve, dataDir: "d", logLevel: "debug" }],
    [["route", "gpt-5"], { ...route, model: "gpt-5" }],
    [
      ["route", "a/b", "--protocol", "gemini", "--config", "c", "--data-dir", "d"],
      { ...route, model: "a/b", protocol: "gemini", config: "c", dataDir: "d" },
    ],
    [["--help"], { kind: "help" }],
    [["serve", "-h"], { kind: "help" }],
    [["-v"], { kind: "version" }],
  ])("%j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [[], "no command given"],
    [["server"], 'unknown command "server"'],
    [["serve", "x"], 'takes no "x"'],
    [["route"], "route needs a model"],
    [["route", "a", "b"], 'not also "b"'],
    [["route", "a", "--protocol", "soap"], "--protocol must be one of openai-chat"],
    [["serve", "--prot", "1"], "unknown option --prot; did you mean --port?"],
    [["serve", "--zzzzzzzz"], "unknown option --zzzzzzzz"],
    [["serve", "-x"], "unknown option -x"],
    [["serve", "--port", "eighty"], "--port must be a whole number"],
    [["serve", "--port", "65536"], "--port must be"],
    [["serve", "--port", "1e3"], "--port must be"],
    [["serve", "--port"], "--port"],
    [["serve", "--port", "--config"], "--port"],
    [["serve", "--help=yes"], "--help"],
    [["serve", "--config", ""], "--config needs a path"],
    [["serve", "--host", "example.com"], "--host must be"],
    [["serve", "--log-level", "loud"], "--log-level must be one of"],
  ])("complains about %j", (args, message) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).toThrow(message);
  });

  it("has help for every option in lines of 100 characters at most", () => {
    for (const option of ["config", "port", "host", "data-dir", "log-level", "protocol", "help", "version"]) {
      expect(HELP).toContain(`--${option}`);
    }
    expect(Math.max(...HELP.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe("override", () => {
  const lan = { ...defaultSettings, allowLanAccess: true };

  it("puts the port of the command line on top", () => {
    expect(override(defaultSettings, { ...serve, port: 0 }).port).toBe(0);
    expect(override(defaultSettings, serve).port).toBe(8045);
  });

  it("opens to the network only where the settings allow it", () => {
    expect(() => override(defaultSettings, { ...serve, host: all })).toThrow(/"allowLanAccess": true/);
    expect(override(lan, { ...serve, host: all }).allowLanAccess).toBe(true);
    expect(override(lan, serve).allowLanAccess).toBe(true);
    expect(override(lan, { ...serve, host: local }).allowLanAccess).toBe(false);
  });
});

describe("listenOn", () => {
  it("names one address where one was asked for", () => {
    expect(listenOn(serve)).toEqual({});
    expect(listenOn({ ...serve, host: all })).toEqual({});
    expect(listenOn({ ...serve, host: local })).toEqual({ host: "127.0.0.1" });
  });
});
