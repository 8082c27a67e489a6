/** What pages of any window watch, across windows and takeovers. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ListedAccount } from "../../../src/control/accounts.ts";
import { ControlError } from "../../../src/control/channel.ts";
import type { Status } from "../../../src/control/contract.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { openControlServer } from "../../../src/gateway/controlServer/server.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openWindow, type TestWindow } from "./windows.ts";

const STATUS: Status = {
  version: "0",
  proxy: { kind: "stopped" },
  authMode: "off",
  lan: false,
  accounts: 0,
  sandboxOnly: true,
  problems: [],
  held: [],
  ready: 0,
  active: 0,
};

let dataDir: string;
let windows: TestWindow[];

beforeEach(async () => {
  dataDir = makeFolder("watch");
  windows = [];
});
afterEach(async () => {
  await Promise.all(windows.map(({ host }) => host.close()));
  await removeFolder(dataDir);
});

async function open(kind: "leading" | "attached"): Promise<TestWindow> {
  const window = openWindow({ dataDir });
  windows.push(window);
  await window.until(({ part }) => part.kind === kind);
  return window;
}

/** Ids of the accounts that the last such event named. */
function accountsHeard({ events }: TestWindow): string[] | undefined {
  const last = events.findLast(([event]) => event === "accounts");
  return (last?.[1] as ListedAccount[] | undefined)?.map(({ id }) => id);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const add = ({ host }: TestWindow, id: string) =>
  host.call("accounts.add", {
    provider: "custom",
    id,
    endpoints: { "openai-chat": "http://127.0.0.1:9/v1" },
  });

describe("a window whose pages watch the accounts", { timeout: 60_000 }, () => {
  it("hears of them, whoever leads, also after the leader went", async () => {
    const leader = await open("leading");
    const other = await open("attached");
    const silent = await open("attached");
    for (const { host } of [leader, other]) await host.relay("events.watch", { events: ["accounts"] });
    await add(silent, "one");
    await until(() => accountsHeard(leader)?.[0] === "one" && accountsHeard(other)?.[0] === "one");
    expect(accountsHeard(silent)).toBeUndefined();

    await leader.host.relay("events.watch", { events: [] });
    await add(silent, "two");
    await until(() => accountsHeard(other)?.length === 2);
    expect(accountsHeard(leader)).toEqual(["one"]);

    // Until they notice, they are attached to the one that went.
    const noticed = [other, silent].map(({ until }) => until(({ part }) => part.kind === "joining"));
    await leader.host.close();
    await Promise.all(noticed);
    for (const { until } of [other, silent])
      await until(({ part }) => part.kind === "leading" || part.kind === "attached");
    await add(silent, "three");
    await until(() => accountsHeard(other)?.length === 3);
    expect(accountsHeard(silent)).toBeUndefined();
  });

  it("attaches also to a leader that knows nothing of it", async () => {
    const leadership = tryLead(join(dataDir, "leader.db"));
    const old = () =>
      openControlServer({
        serve: () => async (method) => {
          if (method === "status.get") return STATUS;
          throw new ControlError("not-found", `This Portico does not know "${method}".`);
        },
        log: { debug() {}, info() {}, warn() {}, error() {} },
        version: "0",
        addressFile: join(dataDir, "gateway.json"),
      });
    const first = await old();
    const window = await open("attached");
    const refused = window.host.relay("events.watch", { events: ["accounts"] });
    await expect(refused).rejects.toMatchObject({ code: "not-found" });
    await first.close();
    await window.until(({ part }) => part.kind === "joining");
    const second = await old();
    await window.until(({ part }) => part.kind === "attached");
    await window.host.close();
    await second.close();
    leadership?.release();
  });

  it("is told what it asked for wrongly", async () => {
    const leader = await open("leading");
    await expect(leader.host.relay("events.watch", { events: ["log"] })).rejects.toMatchObject({
      code: "bad-request",
    });
    await expect(leader.host.relay("events.watch", {})).rejects.toMatchObject({ code: "bad-request" });
  });
});
