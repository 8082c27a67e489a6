import { describe, expect, it } from "vitest";
import { parseCommand } from "../../../src/cli/arguments.ts";
import { UsageError } from "../../../src/cli/command.ts";
import { listenOn, override } from "../../../src/cli/settings.ts";
import { defaultSettings } from "../../../src/gateway/settings/settings.ts";

const serve = {
  kind: "serve",
  config: undefined,
  port: undefined,
  host: undefined,
  dataDir: undefined,
  logLevel: "info",
  dashboard: true,
  dashboardPort: undefined,
  drain: 30,
} as const;

const route = {
  kind: "route",
  protocol: "openai-chat",
  config: undefined,
  dataDir: undefined,
  json: false,
} as const;

const asking = { json: false, dataDir: undefined } as const;

const add = {
  kind: "accounts add",
  ...asking,
  provider: "openai",
  label: undefined,
  id: undefined,
  baseUrls: [],
  models: [],
  priority: undefined,
  keyEnv: undefined,
  keep: false,
  signIn: undefined,
} as const;

const signIn = {
  open: false,
  clientFile: undefined,
  clientId: undefined,
  clientSecretEnv: undefined,
  project: undefined,
} as const;

const logs = {
  kind: "logs",
  ...asking,
  follow: false,
  limit: 50,
  errors: false,
  client: undefined,
  model: undefined,
  account: undefined,
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
    [["serve", "--no-dashboard", "--dashboard-port", "1"], { ...serve, dashboard: false, dashboardPort: 1 }],
    [["serve", "--drain", "7"], { ...serve, drain: 7 }],
    [["--help"], { kind: "help", topic: undefined }],
    [["serve", "-h"], { kind: "help", topic: "serve" }],
    [["help", "logs"], { kind: "help", topic: "logs" }],
    [["accounts", "-h"], { kind: "help", topic: "accounts" }],
    [["accounts", "list", "--config", "a.jsonc"], { kind: "accounts list", ...asking, config: "a.jsonc" }],
    [["accounts", "add", "openrouter", "--sign-in"], { ...add, provider: "openrouter", signIn }],
    [
      ["accounts", "add", "google", "--sign-in", "--client-file", "c.json", "--project", "p-1", "--open"],
      { ...add, provider: "google", signIn: { ...signIn, clientFile: "c.json", project: "p-1", open: true } },
    ],
    [["accounts", "add", "--help"], { kind: "help", topic: "accounts add" }],
    [["help", "me"], { kind: "help", topic: undefined }],
    [["status"], { kind: "status", ...asking }],
    [["status", "--json", "--data-dir", "d"], { kind: "status", json: true, dataDir: "d" }],
    [["dashboard", "--open"], { kind: "dashboard", ...asking, open: true }],
    [["accounts", "list"], { kind: "accounts list", ...asking }],
    [["accounts", "remove", "work"], { kind: "accounts remove", ...asking, id: "work" }],
    [["accounts", "test"], { kind: "accounts test", ...asking, id: undefined }],
    [["accounts", "test", "work"], { kind: "accounts test", ...asking, id: "work" }],
    [
      ["accounts", "add", "custom", "--base-url", "a", "--base-url", "b", "--model", "m", "--priority=-3"],
      { ...add, provider: "custom", baseUrls: ["a", "b"], models: ["m"], priority: -3 },
    ],
    [["accounts", "add", "openai", "--key-env", "K", "--keep"], { ...add, keyEnv: "K", keep: true }],
    [["logs"], logs],
    [["logs", "-f", "--errors", "--limit", "10000"], { ...logs, follow: true, errors: true, limit: 10_000 }],
    [["logs", "--model", "gpt-*", "--client", "Codex"], { ...logs, model: "gpt-*", client: "Codex" }],
    [["stats"], { kind: "stats", ...asking, by: "model", days: 7 }],
    [["stats", "--by", "client", "--days", "366"], { kind: "stats", ...asking, by: "client", days: 366 }],
    [["stop", "--now"], { kind: "stop", ...asking, now: true }],
    [["key", "rotate", "--json"], { kind: "key rotate", ...asking, json: true, rotate: true }],
    [["key", "--help"], { kind: "help", topic: "key" }],
    [
      ["accounts", "import", "f.json", "-y"],
      { kind: "accounts import", ...asking, file: "f.json", yes: true, passphraseEnv: undefined },
    ],
    [["-v"], { kind: "version" }],
  ])("%j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [[], "no command given"],
    [["server"], 'unknown command "server"; did you mean serve?'],
    [
      ["zzzzzzz"],
      "there are: serve, status, start, stop, restart, dashboard, accounts, backup, restore, key, keys, logs, stats, route",
    ],
    [["accounts"], "accounts needs one of: list, add, remove, sign-in, export, import, test"],
    [["key"], "key needs one of: show, rotate"],
    [["start", "--now"], "--now is no option of start"],
    [["accounts", "export"], "accounts export needs a file"],
    [["accounts", "lst"], 'unknown command "accounts lst"'],
    [["accounts", "add"], "accounts add needs a provider"],
    [["accounts", "add", "gemini", "--project", "p"], "--project belongs to --sign-in"],
    [["accounts", "add", "gemini", "--sign-in", "--key-env", "K"], "--sign-in takes no --key-env"],
    [["accounts", "add", "gemini", "--sign-in", "--project", "a b"], "--project is an id"],
    [["accounts", "add", "openai", "sk-key"], 'not also "sk-key"'],
    [["accounts", "remove"], "accounts remove needs an id"],
    [["status", "now"], 'status takes no "now"'],
    [["status", "--port", "1"], "--port is no option of status"],
    [["serve", "--json"], "--json is no option of serve"],
    [["logs", "--limit", "0"], "--limit must be a whole number from 1 to 10000"],
    [["logs", "--model", "a", "--model", "b"], "logs takes one --model"],
    [["stats", "--by", "day"], "--by must be one of model, account, client, protocol"],
    [["stats", "--days", "400"], "--days must be"],
    [["run"], "run needs a client"],
    [["run", "--yes", "pi"], "--yes is no option of run"],
    [["connect"], "connect needs a client"],
    [["connect", "pi", "--model", ""], "--model needs a name"],
    [["disconnect", "pi", "--model", "m"], "--model is no option of disconnect"],
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
});

describe("run", () => {
  it("leaves what follows the tool's name to the tool", () => {
    const none = { kind: "run", model: undefined, dataDir: undefined, rest: [] };
    expect(parseCommand(["run", "pi"])).toEqual({ ...none, client: "pi" });
    expect(
      parseCommand(["run", "--model", "m", "--data-dir=d", "pi", "--help", "--model", "x", "--"]),
    ).toEqual({
      ...none,
      client: "pi",
      model: "m",
      dataDir: "d",
      rest: ["--help", "--model", "x", "--"],
    });
    expect(parseCommand(["run", "--help"])).toEqual({ kind: "help", topic: "run" });
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
