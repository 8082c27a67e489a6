/** Which problems a webhook hears of. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SIGN_IN_TWICE } from "../../../src/control/attention.ts";
import { type Notice, Notifier } from "../../../src/gateway/notify/notifier.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let folder = "";
beforeEach(() => {
  folder = makeFolder("notifier");
});
afterEach(() => removeFolder(folder));

describe("a notifier", () => {
  it("tells of a sign-in that two gateways of a pool have, once, and of no other warning", async () => {
    const sent: Notice[] = [];
    const notifier = await Notifier.open({
      webhook: { send: (notice) => void sent.push(notice as Notice), close: () => [] },
      file: join(folder, "told.json"),
      now: () => 1_800_000_000_000,
      log: { warn: () => {} },
      accounts: () => Promise.resolve([]),
    });
    const twice = {
      severity: "warning",
      account: "work",
      message: "work: each renewal …",
      cause: SIGN_IN_TWICE,
    } as const;
    const other = {
      severity: "warning",
      account: "work",
      message: "work: whatever",
      cause: "other",
    } as const;
    for (let each = 0; each < 3; each++) notifier.look([other, twice]);
    await vi.waitFor(() => expect(sent).not.toEqual([]));
    await notifier.close();
    expect(sent).toMatchObject([
      {
        cause: SIGN_IN_TWICE,
        account: { id: "work" },
        message: "work: is signed in to at another gateway of the pool as well, and one of them will lose it",
      },
    ]);
  });
});
