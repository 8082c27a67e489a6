/** A client of the control API with a leader of another version, over the real wire: window, command line. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accountLines } from "../../../src/cli/accounts.ts";
import { statusLines } from "../../../src/cli/status.ts";
import { ControlError } from "../../../src/control/channel.ts";
import type { Status } from "../../../src/control/contract.ts";
import { type ControlClient, connectControl } from "../../../src/gateway/controlServer/client.ts";
import { type ControlServer, openControlServer } from "../../../src/gateway/controlServer/server.ts";
import { stateOf } from "../../../src/vscode/accounts/accountLabels.ts";
import { statusView } from "../../../src/vscode/status/statusView.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { fakeScreen } from "../../support/screen.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const screen = fakeScreen({ width: 200 });

const status = {
  version: "9.0.0",
  proxy: { kind: "paused", until: 5 },
  authMode: "vibes",
  lan: false,
  accounts: 1,
  sandboxOnly: false,
  problems: [{ severity: "notice", message: "The moon is full.", phase: 4 }],
  held: [{ account: "work", label: "Work", condition: "asleep", reason: "It dreams." }],
  ready: 0,
  active: 0,
  moon: "full",
};
const account = {
  id: "work",
  provider: "telepathy",
  label: "Work",
  priority: 0,
  enabled: true,
  protocols: ["thoughts"],
  readOnly: false,
  state: "asleep",
  held: [{ condition: "asleep", reason: "It dreams." }],
  quotas: [{ name: "dreams", unit: "dreams", window: "fortnight", remaining: 3, limit: 9, readAt: 0 }],
  credential: "passkey",
};

let folder: string;
let server: ControlServer;
let client: ControlClient;
let answers: Record<string, unknown>;
let heard: [string, unknown][];

beforeEach(async () => {
  folder = makeFolder("skew");
  answers = {};
  heard = [];
  server = await openControlServer({
    serve: () => async (method) => {
      if (Object.hasOwn(answers, method)) return answers[method];
      throw new ControlError("not-found", `This Portico does not know "${method}". Are both of one version?`);
    },
    log,
    version: "9.0.0",
    addressFile: join(folder, "gateway.json"),
  });
  client = await connectControl(server.address, { onEvent: (event, data) => heard.push([event, data]) });
});
afterEach(async () => {
  client.close();
  await server.close();
  await removeFolder(folder);
});

describe("a newer leader", () => {
  it("shows its status in a terminal and in the editor, in its own words", async () => {
    answers["status.get"] = status;
    const read = await client.call("status.get", undefined);
    const lines = statusLines({ running: true, pid: 1, dataDir: "/data", status: read }, screen);
    expect(lines[0]).toBe("Portico is paused");
    expect(lines.join("\n")).toMatch(/Work: asleep \(It dreams\.\).*The moon is full/s);
    const view = statusView({ part: { kind: "attached", pid: 1 }, status: read }, { now: 0 });
    expect(view.lines).toEqual(["paused", "• The moon is full."]);
  });

  it("shows every account", async () => {
    answers["accounts.list"] = [account, { ...account, id: "home", state: "ready", held: [] }];
    const accounts = await client.call("accounts.list", undefined);
    const lines = accountLines(accounts, screen).join("\n");
    expect(lines).toMatch(/work +Work +telepathy +asleep/);
    expect(lines).toMatch(/home +Work +telepathy +ready/);
    expect(accounts.map((each) => stateOf(each, 0).words)).toEqual(["asleep", "ready"]);
  });

  it("tells events and sends frames that nobody here knows, and goes on being heard", async () => {
    server.emit("tides" as never, { high: true } as never);
    server.emit("status", status as unknown as Status);
    answers["auth.key"] = { apiKey: "k", hint: "of next year" };
    expect(await client.call("auth.key", undefined)).toMatchObject({ apiKey: "k" });
    expect(heard).toEqual([["status", { ...status, proxy: { kind: "unknown", word: "paused" } }]]);
  });
});

describe("an older leader", () => {
  it("says which method it does not know", async () => {
    await expect(client.call("storage.get", undefined)).rejects.toMatchObject({
      code: "not-found",
      message: 'This Portico does not know "storage.get". Are both of one version?',
    });
  });

  it("has empty lists for those that it does not have; what else is missing is named, with its version", async () => {
    const { held: _held, ...older } = status;
    answers["status.get"] = older;
    expect((await client.call("status.get", undefined)).held).toEqual([]);
    const { ready: _ready, ...oldest } = status;
    answers["status.get"] = oldest;
    await expect(client.call("status.get", undefined)).rejects.toMatchObject({
      code: "failed",
      message:
        'Portico 9.0.0 is running, and in its answer to status.get "ready" is missing. Run one version everywhere.',
    });
  });
});
