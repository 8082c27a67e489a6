import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Method, Status } from "../../../src/control/contract.ts";
import { METHODS as DECLARED } from "../../../src/control/methods/all.ts";
import { isEvent } from "../../../src/control/reading.ts";
import { badRequest, PorticoError } from "../../../src/gateway/common/errors.ts";
import type { Log } from "../../../src/gateway/common/ports.ts";
import { serveMethods } from "../../../src/gateway/leader/handlers.ts";
import { isMethod, METHODS as SERVED } from "../../../src/gateway/leader/methods/all.ts";
import type { Services } from "../../../src/gateway/leader/services.ts";
import { eventSchemas, resultSchemas } from "../../support/control/results.ts";

const status: Status = {
  version: "1.2.3",
  proxy: { kind: "running", host: "127.0.0.1", port: 8045, baseUrl: "http://127.0.0.1:8045", since: 1 },
  authMode: "off",
  lan: false,
  accounts: 0,
  sandboxOnly: true,
  problems: [],
  held: [],
  ready: 0,
  active: 0,
};
const quiet: Log = { debug() {}, info() {}, warn() {}, error: vi.fn() };
const signal = new AbortController().signal;

function never(): never {
  throw new Error("not asked here");
}

function services(over: Partial<Services> = {}): Services {
  return {
    status: () => status,
    start: async () => {},
    stop: async () => {},
    restart: async () => {},
    apiKey: async () => "sk-portico-1",
    rotateKey: async () => "sk-portico-2",
    providers: () => [],
    checkAccount: async () => ({ ok: true, models: ["m"] }),
    addAccount: async () => {
      throw badRequest("no", "id");
    },
    removeAccount: async () => false,
    detectLocal: async () => [],
    dashboardLink: async () => undefined,
    keys: {
      list: () => [],
      add: never,
      update: never,
      rotate: never,
      revoke: never,
      toBackUp: never,
      planRestore: never,
      restore: never,
    },
    clients: {
      list: async () => [],
      preview: never,
      texts: never,
      apply: never,
      labels: [],
      problems: [],
      look: () => {},
      lookNow: async () => {},
      leave: async () => {},
    },
    accounts: {
      list: async () => [],
      update: never,
      test: never,
      replaceKey: never,
      refreshQuotas: async () => {},
      clear: async () => {},
      explain: never,
    },
    settings: {
      view: never,
      update: never,
      routes: never,
      setRoutes: never,
      models: never,
      storage: never,
      surroundings: never,
      diagnostics: never,
      telemetry: never,
      setTelemetryHeaders: never,
    },
    requests: {
      records: {
        list: never,
        get: never,
        facets: never,
        exportPart: never,
        clear: never,
        stats: never,
        today: never,
      },
      curl: never,
      trySandbox: never,
      replay: never,
      budgets: () => [],
      take: () => ({ taken: 0 }),
    },
    credentials: {
      signInWithGoogle: never,
      signInWithOpenRouter: never,
      awaitSignIn: never,
      pasteSignIn: never,
      cancelSignIn: never,
      addMany: never,
      exportAccounts: never,
      previewImport: never,
      importAccounts: never,
      writeBackup: never,
      readBackup: never,
      addPlanned: never,
      discover: never,
      takeDiscovered: never,
      close: never,
    },
    ...over,
  };
}

const serve = (over: Partial<Services> = {}, log = quiet) =>
  serveMethods(services(over), log)({ browser: false, watch: () => {} });

describe("the control API's handlers", () => {
  it("are declared and served in files of the same names", async () => {
    const root = join(import.meta.dirname, "../../../src");
    const files = async (folder: string) => (await readdir(join(root, folder))).toSorted();
    const besides = ["method.ts", "newAccount.ts", "served.ts", "shapes.ts"];
    const areas = (names: string[]) => names.filter((name) => !besides.includes(name));
    expect(areas(await files("gateway/leader/methods"))).toEqual(areas(await files("control/methods")));
  });

  it("know every method and every event on both sides", () => {
    expect(Object.keys(resultSchemas).sort()).toEqual(Object.keys(SERVED).sort());
    expect(Object.keys(DECLARED).sort()).toEqual(Object.keys(SERVED).sort());
    expect(Object.keys(eventSchemas).every(isEvent)).toBe(true);
    for (const name of ["toString", "__proto__", "constructor", "nope"]) {
      expect(isMethod(name)).toBe(false);
      expect(isEvent(name)).toBe(false);
    }
  });

  it("answer with the status after start, stop and restart", async () => {
    const calls: string[] = [];
    const api = serve({
      start: async (port) => void calls.push(`start ${port}`),
      stop: async (now) => void calls.push(`stop ${now}`),
      restart: async () => void calls.push("restart"),
    });
    expect(await api("proxy.start", { port: 9000 }, signal)).toEqual(status);
    expect(await api("proxy.start", undefined, signal)).toEqual(status);
    expect(await api("proxy.stop", undefined, signal)).toEqual(status);
    expect(await api("proxy.stop", { now: true }, signal)).toEqual(status);
    expect(await api("proxy.restart", undefined, signal)).toEqual(status);
    expect(calls).toEqual(["start 9000", "start undefined", "stop undefined", "stop true", "restart"]);
  });

  it.each<[Method, unknown, RegExp]>([
    ["proxy.start", { port: 70_000 }, /port/],
    ["proxy.start", { port: "8045" }, /port/],
    ["proxy.start", { prot: 1 }, /prot/],
    ["proxy.stop", { now: "yes" }, /now/],
    ["accounts.add", {}, /provider/],
    ["accounts.add", { provider: "nobody" }, /provider that Portico knows/],
    ["accounts.add", { provider: "openai", apiKey: "" }, /apiKey/],
    ["accounts.add", { provider: "openai", extra: 1 }, /extra/],
    ["accounts.add", { provider: "custom", endpoints: { "openai-chat": "file:///etc/passwd" } }, /http/],
    ["accounts.add", { provider: "custom", endpoints: { telnet: "http://h" } }, /endpoints/],
    ["accounts.add", { provider: "openai", id: "../x" }, /id/],
    ["accounts.remove", undefined, /object/i],
    ["accounts.remove", { id: 1 }, /id/],
  ])("refuse %s with %j", async (method, params, words) => {
    const error: unknown = await serve()(method, params, signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ControlError", code: "bad-request" });
    expect(String(error)).toMatch(words);
  });

  it("name a method they do not know", async () => {
    await expect(serve()("accounts.steal", undefined, signal)).rejects.toMatchObject({ code: "not-found" });
  });

  it("pass the words of a foreseen failure on, and log others without telling", async () => {
    await expect(serve()("accounts.add", { provider: "openai" }, signal)).rejects.toMatchObject({
      code: "bad-request",
      message: "no",
    });
    const missing = serve({
      removeAccount: async () => {
        throw new PorticoError("not_found", "gone");
      },
    });
    await expect(missing("accounts.remove", { id: "a" }, signal)).rejects.toMatchObject({
      code: "not-found",
    });
    const error = vi.fn();
    const broken = serve(
      {
        rotateKey: async () => {
          throw new Error("keyring");
        },
      },
      { ...quiet, error },
    );
    await expect(broken("auth.rotate", undefined, signal)).rejects.toThrow("keyring");
    expect(error).toHaveBeenCalledOnce();
  });

  it("hand the caller's signal to what takes long", async () => {
    const seen: AbortSignal[] = [];
    const api = serve({
      checkAccount: async (_account, given) => {
        seen.push(given);
        return { ok: false, reason: "unreachable", message: "refused" };
      },
    });
    await api("accounts.check", { provider: "openai", apiKey: "k" }, signal);
    expect(seen).toEqual([signal]);
  });
});
