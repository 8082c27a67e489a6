import { describe, expect, it } from "vitest";
import {
  CODE_MS,
  DashboardAccess,
  IDLE_MS,
  MAX_CODES,
  MAX_SESSIONS,
  MAX_TRIES,
  TRIES_MS,
} from "../../../../src/gateway/controlServer/dashboard/access.ts";

function setUp() {
  let now = 1_000_000;
  const access = new DashboardAccess({ clock: { now: () => now } });
  const signIn = () => access.redeem(access.newCode()) ?? "";
  return {
    access,
    signIn,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe("a code", () => {
  it("is long, random, and good for one session", () => {
    const { access } = setUp();
    const codes = new Set(Array.from({ length: 50 }, () => access.newCode()));
    expect(codes.size).toBe(50);
    for (const code of codes) expect(Buffer.from(code, "base64url").length).toBeGreaterThanOrEqual(16);
    const code = access.newCode();
    const cookie = access.redeem(code);
    expect(cookie).toBeDefined();
    expect(cookie).not.toBe(code);
    expect(access.redeem(code)).toBeUndefined();
    expect(access.session(cookie ?? "")).toBeDefined();
    expect(access.session(code)).toBeUndefined();
  });

  it("is of no use after ten minutes", () => {
    const { access, pass } = setUp();
    const [early, late] = [access.newCode(), access.newCode()];
    pass(CODE_MS - 1);
    expect(access.redeem(early)).toBeDefined();
    pass(1);
    expect(access.redeem(late)).toBeUndefined();
  });

  it("is not guessed: after twenty that are not good none is looked at for a minute", () => {
    const { access, pass } = setUp();
    for (let tried = 0; tried < MAX_TRIES; tried += 1) {
      expect(access.limited()).toBe(false);
      access.redeem(`guess${tried}`);
    }
    expect(access.limited()).toBe(true);
    pass(TRIES_MS - 1);
    expect(access.limited()).toBe(true);
    pass(1);
    expect(access.limited()).toBe(false);
    for (let good = 0; good < 2 * MAX_TRIES; good += 1) access.redeem(access.newCode());
    expect(access.limited()).toBe(false);
  });

  it("makes room for newer ones", () => {
    const { access } = setUp();
    const codes = Array.from({ length: MAX_CODES + 1 }, () => access.newCode());
    expect(codes.map((code) => access.redeem(code) !== undefined)).toEqual([
      false,
      ...Array.from({ length: MAX_CODES }, () => true),
    ]);
  });
});

describe("a session", () => {
  it("ends twelve hours after its last use", () => {
    const { access, signIn, pass } = setUp();
    const cookie = signIn();
    pass(IDLE_MS - 1);
    expect(access.session(cookie)).toBeDefined();
    pass(IDLE_MS - 1);
    expect(access.session(cookie)).toBeDefined();
    pass(IDLE_MS);
    expect(access.session(cookie)).toBeUndefined();
  });

  it("lasts for as long as a page is open", () => {
    const { access, signIn, pass } = setUp();
    const cookie = signIn();
    const release = access.session(cookie)?.hold();
    pass(3 * IDLE_MS);
    expect(access.session(cookie)).toBeDefined();
    pass(3 * IDLE_MS);
    release?.();
    release?.();
    pass(IDLE_MS - 1);
    expect(access.session(cookie)).toBeDefined();
    pass(IDLE_MS);
    expect(access.session(cookie)).toBeUndefined();
  });

  it("makes room: the one used longest ago goes", () => {
    const { access, signIn } = setUp();
    const [first = "", second = ""] = [signIn(), signIn()];
    for (let count = 2; count < MAX_SESSIONS; count += 1) signIn();
    expect(access.session(first)).toBeDefined();
    signIn();
    expect(access.session(first)).toBeDefined();
    expect(access.session(second)).toBeUndefined();
  });
});
