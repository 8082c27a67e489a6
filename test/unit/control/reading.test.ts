/** Results and events of a Portico of another version, as they are read here. */
import { describe, expect, it } from "vitest";
import type { ListedAccount } from "../../../src/control/accounts.ts";
import type { Status } from "../../../src/control/contract.ts";
import { MissingField, readEvent, readResult } from "../../../src/control/reading.ts";

const account: ListedAccount = {
  id: "work",
  provider: "openai",
  label: "Work",
  priority: 0,
  enabled: true,
  protocols: ["openai-chat"],
  readOnly: false,
  state: "ready",
  held: [],
  quotas: [],
  credential: "key",
};
const status: Status = {
  version: "9.0.0",
  proxy: { kind: "stopped" },
  authMode: "off",
  lan: false,
  accounts: 1,
  sandboxOnly: false,
  problems: [],
  held: [],
  ready: 1,
  active: 0,
};

/** `value` without one of its fields. */
function without<T extends object>(value: T, name: keyof T): Partial<T> {
  const { [name]: _gone, ...rest } = value;
  return rest as Partial<T>;
}

const missing = (read: () => unknown) => {
  try {
    read();
  } catch (error) {
    if (error instanceof MissingField) return error.field;
  }
  return undefined;
};

describe("what a newer Portico says", () => {
  it("keeps words and fields that are not known here", () => {
    const newer = {
      ...account,
      state: "hibernating",
      protocols: ["openai-chat", "telepathy"],
      credential: "passkey",
      held: [{ condition: "asleep", reason: "zzz", since: 1 }],
      quotas: [{ name: "dreams", unit: "dreams", window: "fortnight" }],
      mood: { today: "fine" },
    };
    expect(readResult("accounts.list", [account, newer])).toEqual([account, newer]);
    expect(readEvent("accounts", [newer])).toEqual([newer]);
    const proxy = { kind: "paused", until: 5 };
    expect(readEvent("status", { ...status, proxy, authMode: "vibes" })).toEqual({
      ...status,
      proxy: { kind: "unknown", word: "paused" },
      authMode: "vibes",
    });
    const { values, homes } = readResult("settings.get", {
      values: { telepathy: true, "auth.mode": "vibes" },
      homes: { telepathy: "cloud", "auth.mode": "cloud" },
    });
    expect(values).toMatchObject({ telepathy: true, "auth.mode": "vibes" });
    expect(homes).toEqual({ telepathy: "cloud", "auth.mode": "cloud" });
  });

  it("passes over the entries that lack what every reader needs, and keeps the others", () => {
    const entries = [without(account, "id"), account, { ...account, label: 7 }, null, "account"];
    expect(readResult("accounts.list", entries)).toEqual([account]);
    const problems = [{ severity: "error" }, { severity: "notice", message: "Look." }];
    expect(readEvent("status", { ...status, problems }).problems).toEqual([problems[1]]);
  });

  it("does not pass a list off as empty of which nothing can be read", () => {
    expect(missing(() => readResult("accounts.list", [without(account, "provider")]))).toBe("provider");
    expect(readResult("accounts.list", [])).toEqual([]);
  });
});

describe("what an older Portico says", () => {
  it("has empty lists in place of those it knows nothing of", () => {
    const older = without(status, "held");
    expect(readResult("status.get", older)).toEqual(status);
    expect(readResult("accounts.list", [without(account, "quotas")])).toEqual([account]);
  });

  it("has no home for the settings that it does not have, and a value that does no harm", () => {
    const { values, homes } = readEvent("settings", { values: { port: 8045 }, homes: { port: "portico" } });
    expect(values).toMatchObject({ port: 8045, "records.maxAgeDays": 0, "background.to": [] });
    expect(homes).toEqual({ port: "portico" });
  });

  it("is told by the name of what is missing", () => {
    expect(missing(() => readResult("status.get", without(status, "ready")))).toBe("ready");
    expect(missing(() => readResult("status.get", { ...status, proxy: {} }))).toBe("proxy.kind");
    expect(missing(() => readResult("accounts.list", { accounts: [] }))).toBe("");
    expect(missing(() => readEvent("settings", undefined))).toBe("");
  });
});
