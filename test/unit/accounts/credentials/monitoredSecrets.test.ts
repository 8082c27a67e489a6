import { describe, expect, it } from "vitest";
import {
  MAX_RETRY_MS,
  MonitoredSecrets,
  PATIENCE_MS,
  RETRY_MS,
  SecretsUnavailable,
} from "../../../../src/gateway/accounts/credentials/monitoredSecrets.ts";
import type { SecretStore } from "../../../../src/gateway/common/ports.ts";
import { fakeClock } from "../../../support/clock.ts";

type Read = () => Promise<string | undefined>;

function monitored(read: Read) {
  const { clock: time, pass } = fakeClock();
  const clock = {
    /** In steps, so that what each of them starts can come to its end. */
    async advance(milliseconds: number): Promise<void> {
      for (let left = milliseconds; left >= 0; left -= 250) {
        pass(Math.min(left, 250));
        await new Promise(setImmediate);
      }
    },
  };
  const said: string[] = [];
  const told: (string | undefined)[] = [];
  let reads = 0;
  let current = read;
  const store: SecretStore = {
    get: () => {
      reads++;
      return current();
    },
    set: async () => {},
    delete: async () => {},
  };
  const line = (message: string) => void said.push(message);
  const secrets: MonitoredSecrets = new MonitoredSecrets({
    store,
    clock: time,
    log: { error: line, info: line, debug() {} },
    failure: "Unlock the keyring.",
    onProblem: () => told.push(secrets.problem),
  });
  return {
    clock,
    secrets,
    said,
    told,
    reads: () => reads,
    now(next: Read) {
      current = next;
    },
  };
}

const never = () => new Promise<never>(() => {});
const fails = () => Promise.reject(new Error("no keyring"));
const works = () => Promise.resolve("secret");

describe("a secret store that is watched", () => {
  it("fails in words, and is asked again in the background until it works", async () => {
    const { clock, secrets, said, told, now, reads } = monitored(fails);
    await expect(secrets.get("a")).rejects.toThrow(SecretsUnavailable);
    await expect(secrets.get("b")).rejects.toThrow("Unlock the keyring.");
    expect(secrets.problem).toBe("Unlock the keyring.");
    expect(told).toEqual(["Unlock the keyring."]);
    await clock.advance(RETRY_MS);
    expect(reads()).toBe(3);
    await clock.advance(2 * RETRY_MS);
    expect(reads()).toBe(4);
    now(works);
    await clock.advance(4 * RETRY_MS);
    expect(told).toEqual(["Unlock the keyring.", undefined]);
    expect(await secrets.get("a")).toBe("secret");
    expect(said).toEqual(["Unlock the keyring.", "secrets can be read again"]);
    await clock.advance(100_000);
    expect(reads()).toBe(6);
  });

  it("is asked ever more rarely, and never more rarely than it says", async () => {
    const { clock, secrets, reads } = monitored(fails);
    await expect(secrets.get("a")).rejects.toThrow();
    await clock.advance(60_000);
    const before = reads();
    await clock.advance(MAX_RETRY_MS);
    expect(reads()).toBe(before + 1);
  });

  it("holds nobody up where it hangs, and takes the answer that comes late", async () => {
    let answer: (value: string) => void = () => {};
    const { clock, secrets, told } = monitored(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const first = secrets.get("a");
    const refused = expect(first).rejects.toThrow(SecretsUnavailable);
    await clock.advance(PATIENCE_MS);
    await refused;
    const second = expect(secrets.get("a")).rejects.toThrow(SecretsUnavailable);
    await clock.advance(20);
    await second;
    expect(told).toEqual(["Unlock the keyring."]);
    answer("late");
    await clock.advance(0);
    expect(told).toEqual(["Unlock the keyring.", undefined]);
  });

  it("is not asked the same twice at once, however many wait", async () => {
    const { clock, secrets, reads, now } = monitored(never);
    const many = Array.from({ length: 500 }, () => secrets.get("a").catch((error: unknown) => error));
    await clock.advance(PATIENCE_MS);
    expect((await Promise.all(many)).every((each) => each instanceof SecretsUnavailable)).toBe(true);
    expect(reads()).toBe(1);
    // The question that hangs for good is not the last one.
    now(works);
    await clock.advance(60_000);
    expect(secrets.problem).toBeUndefined();
    expect(reads()).toBe(2);
  });

  it("still gives what it has in memory", async () => {
    const { secrets, now, told, clock } = monitored(fails);
    await expect(secrets.get("a")).rejects.toThrow();
    now(works);
    // That proves nothing of the store behind the memory.
    expect(await secrets.get("b")).toBe("secret");
    expect(told).toHaveLength(1);
    await clock.advance(RETRY_MS);
    expect(told).toHaveLength(2);
  });

  it("asks no more once it is closed", async () => {
    const { clock, secrets, reads } = monitored(fails);
    await expect(secrets.get("a")).rejects.toThrow();
    secrets.close();
    await clock.advance(100_000);
    expect(reads()).toBe(1);
  });
});
