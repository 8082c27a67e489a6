/** A window whose keyring hangs or fails: through the real host, the real worker and the channel between them. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openWindow, type TestWindow } from "./windows.ts";

let dataDir: string;
let window: TestWindow | undefined;
beforeEach(() => {
  dataDir = makeFolder("keyring");
});
afterEach(async () => {
  await window?.host.close();
  window = undefined;
  await removeFolder(dataDir);
});

it.each<[string, (unlocked: Promise<void>) => () => Promise<void>]>([
  ["hangs", (unlocked) => () => unlocked],
  [
    "fails",
    (unlocked) => {
      let works = false;
      void unlocked.then(() => {
        works = true;
      });
      return () => (works ? Promise.resolve() : Promise.reject(new Error("no keyring")));
    },
  ],
])(
  "a window whose keyring %s starts, says so, keeps the key, and heals",
  { timeout: 90_000 },
  async (_how, make) => {
    const unlocked = deferred();
    const secrets = new Map([["gateway.apiKey", "sk-portico-the-users-own-key"]]);
    const opened = openWindow({ dataDir, secrets, keyring: make(unlocked.promise), autoStart: "always" });
    window = opened;
    const view = await opened.until(({ status }) => status?.proxy.kind === "running");
    const told = view.status?.problems.map(({ message }) => message).join();
    expect(told).toContain("Unlock the keyring");
    await expect(opened.host.call("auth.key", undefined)).rejects.toThrow("Unlock the keyring");
    expect((await opened.host.call("proxy.stop", undefined)).proxy.kind).toBe("stopped");

    unlocked.resolve();
    await opened.until(({ status }) => status?.problems.length === 0);
    await expect
      .poll(() => opened.host.call("auth.key", undefined).catch(() => undefined), { timeout: 20_000 })
      .toEqual({ apiKey: "sk-portico-the-users-own-key" });
    expect([...secrets.keys()]).toEqual(["gateway.apiKey"]);
  },
);
