import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { ProxyState, Status } from "../../../src/control/contract.ts";
import { composeSettings, NOTHING_FIXED } from "../../../src/gateway/leader/composeSettings.ts";
import { defaultSettings, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { VENDOR } from "../../../src/vscode/chat/modelInfo.ts";
import { COMMANDS, MENU_COMMAND, SIDEBAR_VIEW } from "../../../src/vscode/commandIds.ts";
import { accountIn, queryIn } from "../../../src/vscode/contextMenu.ts";
import {
  AUTO_START_KEY,
  CHAT_KEYS,
  nestSettings,
  TERMINALS_KEY,
} from "../../../src/vscode/host/settingKeys.ts";
import { SETTING_KEYS } from "../../../src/vscode/host/settingTable.ts";
import { contextsOf } from "../../../src/vscode/status/contextValues.ts";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8"));

const property = z.looseObject({
  type: z.string(),
  default: z.unknown(),
  scope: z.string(),
  markdownDescription: z.string(),
  enum: z.array(z.string()).optional(),
  markdownEnumDescriptions: z.array(z.string()).optional(),
  enumItemLabels: z.array(z.string()).optional(),
  ignoreSync: z.boolean().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxItems: z.number().optional(),
});
const manifest = z
  .looseObject({
    activationEvents: z.array(z.string()),
    capabilities: z.looseObject({ untrustedWorkspaces: z.object({ supported: z.boolean() }) }),
    contributes: z.looseObject({
      views: z.record(z.string(), z.array(z.looseObject({ id: z.string(), type: z.string() }))),
      viewsContainers: z.object({ activitybar: z.array(z.looseObject({ id: z.string() })) }),
      walkthroughs: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          description: z.string(),
          steps: z.array(
            z.object({
              id: z.string(),
              title: z.string(),
              description: z.string(),
              media: z.object({ svg: z.string(), altText: z.string() }),
              completionEvents: z.array(z.string()),
            }),
          ),
        }),
      ),
      commands: z.array(
        z.object({
          command: z.string(),
          title: z.string(),
          category: z.string(),
          enablement: z.string().optional(),
        }),
      ),
      menus: z.record(z.string(), z.array(z.looseObject({ command: z.string(), when: z.string() }))),
      keybindings: z.array(z.object({ command: z.string(), key: z.string(), mac: z.string() })),
      languageModelChatProviders: z.array(z.object({ vendor: z.string(), displayName: z.string() })),
      configuration: z.array(
        z.object({ title: z.string(), order: z.number(), properties: z.record(z.string(), property) }),
      ),
    }),
  })
  .parse(read("package.json"));
const words = z.record(z.string(), z.string().min(1)).parse(read("package.nls.json"));
const { commands, configuration } = manifest.contributes;
const properties = Object.assign({}, ...configuration.map((group) => group.properties)) as Record<
  string,
  z.infer<typeof property>
>;

/** `%key%` as VS Code shows it. */
const shown = (text: string) => text.replace(/^%(.+)%$/, (whole, key: string) => words[key] ?? whole);

/** A schema's JSON form at `auth.mode` and the like. */
function schemaAt(key: string): Record<string, unknown> {
  let at = z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as Record<string, unknown>;
  for (const name of key.split(".")) {
    at = (at.properties as Record<string, Record<string, unknown>>)[name] ?? {};
  }
  return at;
}

function at(object: unknown, key: string): unknown {
  return key.split(".").reduce((value, name) => (value as Record<string, unknown>)[name], object);
}

describe("package.json", () => {
  it("contributes exactly the commands that exist, all but the menu", () => {
    expect(commands.map(({ command }) => command).sort()).toEqual(Object.values(COMMANDS).sort());
    expect(commands.map(({ command }) => command)).not.toContain(MENU_COMMAND);
    expect(commands.map(({ title, category }) => `${category}: ${shown(title)}`)).toEqual([
      "Portico: Start Proxy",
      "Portico: Stop Proxy",
      "Portico: Restart Proxy",
      "Portico: Add Account…",
      "Portico: Remove Account…",
      "Portico: Sign in Again…",
      "Portico: Enable/Disable Account…",
      "Portico: Set Priority…",
      "Portico: Test Account…",
      "Portico: Refresh Quotas",
      "Portico: Import Accounts…",
      "Portico: Export Accounts…",
      "Portico: Back Up…",
      "Portico: Restore…",
      "Portico: Explain Route…",
      "Portico: Copy Base URL",
      "Portico: Copy API Key",
      "Portico: New API Key…",
      "Portico: Allow LAN Access…",
      "Portico: End LAN Access",
      "Portico: Choose Who Needs the Key…",
      "Portico: Open in Browser",
      "Portico: Create a Client Key…",
      "Portico: Manage Client Keys",
      "Portico: Report Issue…",
      "Portico: Show Log",
      "Portico: Use in VS Code Chat",
      "Portico: Open a Terminal with…",
      "Portico: Toggle Use in New Terminals",
      "Portico: Remove Portico from This Computer…",
      "Portico: Open Dashboard",
      "Portico: Connect or Disconnect a Client",
      "Portico: Open Accounts",
      "Portico: Open API Proxy",
      "Portico: Open Monitor",
      "Portico: Open Token Stats",
      "Portico: Open Settings",
    ]);
  });

  const ACCOUNTS = [
    ...["removeAccount", "signInAgain", "toggleAccount", "setPriority"],
    ...["testAccount", "refreshQuotas", "exportAccounts"],
  ];
  const status = (proxy: ProxyState, change: Partial<Status> = {}): Status => ({
    version: "1",
    proxy,
    authMode: "off",
    lan: false,
    accounts: 0,
    sandboxOnly: true,
    problems: [],
    held: [],
    ready: 0,
    active: 0,
    ...change,
  });
  const RUNNING: ProxyState = {
    kind: "running",
    host: "127.0.0.1",
    port: 8045,
    baseUrl: "http://127.0.0.1:8045",
    since: 1,
  };
  /** Of the commands that are not always offered. */
  const offered = (now: Status | undefined) => {
    const contexts: Readonly<Record<string, unknown>> = { ...contextsOf(now, { canChat: true }) };
    const holds = (when: string) => {
      const code = when
        .replaceAll(/(portico\.\w+) =~ (\/[^/]+\/)/g, '$2.test(contexts["$1"])')
        .replaceAll(/(?<!")\bportico\.\w+/g, 'contexts["$&"]');
      return new Function("contexts", `return Boolean(${code})`)(contexts) === true;
    };
    return commands
      .filter(({ enablement }) => enablement !== undefined && holds(enablement))
      .map(({ command }) => command.slice("portico.".length));
  };

  it.each<[string, Status | undefined, string[]]>([
    ["nothing is known", undefined, ["startProxy", "stopProxy", "restartProxy", "copyBaseUrl", "allowLan"]],
    ["stopped, without accounts", status({ kind: "stopped" }), ["startProxy", "allowLan"]],
    ["stopped", status({ kind: "stopped" }, { accounts: 2 }), ["startProxy", ...ACCOUNTS, "allowLan"]],
    ["starting", status({ kind: "starting", port: 1 }), ["stopProxy", "allowLan"]],
    ["running", status(RUNNING), ["stopProxy", "restartProxy", "copyBaseUrl", "allowLan"]],
    [
      "running for the network, all accounts off",
      status(RUNNING, { lan: true, accounts: 1 }),
      ["stopProxy", "restartProxy", ...ACCOUNTS, "copyBaseUrl", "endLan"],
    ],
    [
      "stopping",
      status({ kind: "stopped", stopping: { until: 5 } }),
      ["startProxy", "stopProxy", "allowLan"],
    ],
    [
      "failed",
      status({ kind: "failed", port: 1, reason: "port-in-use", message: "" }),
      ["startProxy", "allowLan"],
    ],
    [
      "in a state of a newer Portico",
      status({ kind: "unknown", word: "resting" }),
      ["startProxy", "stopProxy", "restartProxy", "copyBaseUrl", "allowLan"],
    ],
  ])("offers in the palette what makes sense: %s", (_name, now, expected) => {
    expect(offered(now)).toEqual(expected);
  });

  it("has commands in its menus and for its keys that exist, and rows that say what they are", () => {
    const { menus, keybindings } = manifest.contributes;
    const ids: ReadonlySet<string> = new Set(Object.values(COMMANDS));
    for (const { command } of [...Object.values(menus).flat(), ...keybindings])
      expect(ids).toContain(command);
    const sections = menus["webview/context"]?.map(({ when }) => /'portico\.(\w+)'/.exec(when)?.[1]);
    expect([...new Set(sections)]).toEqual(["account", "request"]);
  });

  it("offers chat in the palette only where the editor has a place for models", () => {
    expect(manifest.contributes.menus["commandPalette"]).toEqual([
      { command: COMMANDS.useInChat, when: "portico.canChat" },
    ]);
    for (const canChat of [true, false])
      expect(contextsOf(undefined, { canChat })["portico.canChat"]).toBe(canChat);
  });

  it("has a place of its own for each entry of a menu", () => {
    const { commandPalette: _, ...others } = manifest.contributes.menus;
    for (const entries of Object.values(others)) {
      const places = entries.map(({ when, group }) => `${when} ${group}`);
      expect([...new Set(places)]).toEqual(places);
    }
  });

  it("takes of a row's context what the page and the commands know", () => {
    const row = { webview: "portico.sidebar", webviewSection: "portico.account", id: "work" };
    expect(queryIn({ ...row, preventDefaultContextMenuItems: true })).toEqual({ id: "work" });
    expect(queryIn(undefined)).toBeUndefined();
    expect(accountIn(row)).toBe("work");
    for (const other of [undefined, null, "work", {}, { id: 5 }]) expect(accountIn(other)).toBeUndefined();
  });

  it("contributes the provider of chat models that is registered", () => {
    expect(manifest.contributes.languageModelChatProviders).toEqual([
      { vendor: VENDOR, displayName: "Portico" },
    ]);
  });

  it("has the sidebar view that is filled", () => {
    const { views, viewsContainers } = manifest.contributes;
    expect(viewsContainers.activitybar.map(({ id }) => id)).toEqual(Object.keys(views));
    expect(Object.values(views).flat()).toMatchObject([{ id: SIDEBAR_VIEW, type: "webview" }]);
  });

  it("leads a new person in four steps, to commands that exist", () => {
    const ids: ReadonlySet<string> = new Set(Object.values(COMMANDS));
    const steps = manifest.contributes.walkthroughs.flatMap((each) => each.steps);
    expect(steps.map(({ id }) => id)).toEqual(["start", "account", "connect", "see"]);
    const contexts = readFileSync(
      new URL("../../../src/vscode/status/contextValues.ts", import.meta.url),
      "utf8",
    );
    for (const { description, media, completionEvents } of steps) {
      const links = [...shown(description).matchAll(/\]\(command:([\w.]+)(?:\?([^)]*))?\)/g)];
      expect(links).toHaveLength(1);
      for (const [, id = "", argument = "null"] of links) {
        expect(ids).toContain(id);
        expect(() => JSON.parse(decodeURIComponent(argument))).not.toThrow();
      }
      for (const event of completionEvents) {
        const [, kind, name = ""] = /^(onContext|onCommand):(.+)$/.exec(event) ?? [];
        expect(kind === "onCommand" ? ids.has(name) : contexts.includes(`"${name}"`), event).toBe(true);
      }
      const picture = readFileSync(new URL(`../../../${media.svg}`, import.meta.url), "utf8");
      expect(picture.length).toBeLessThan(8000);
      // The editor's own colours, whatever the theme.
      expect(picture.replaceAll(/#8884|fill="none"/g, "")).not.toMatch(
        /#[0-9a-f]{3}|(fill|stroke)="(?!var\()/i,
      );
    }
  });

  it("has words for every placeholder, and no words for nothing", () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
    expect([...new Set(used)].sort()).toEqual(Object.keys(words).sort());
  });

  it("has exactly the settings that are read", () => {
    const names = [...SETTING_KEYS, AUTO_START_KEY, TERMINALS_KEY, ...CHAT_KEYS].map(
      (key) => `portico.${key}`,
    );
    expect(Object.keys(properties).sort()).toEqual(names.sort());
  });

  it("names its settings and their values in words, in groups", () => {
    expect(configuration.map(({ title }) => shown(title))).toEqual([
      "Start and address",
      "Who may call",
      "Requests to providers",
      "What is kept",
      "VS Code's own chat",
      "Terminals",
      "Connected clients",
      "Traces",
    ]);
    for (const [name, setting] of Object.entries(properties)) {
      expect(setting.enumItemLabels?.length, name).toBe(setting.enum?.length);
      for (const label of setting.enumItemLabels ?? []) expect(shown(label)).toMatch(/^[A-Z][^%]+$/);
      const text = shown(setting.markdownDescription);
      // Nobody reads 134217728.
      if (/Ms$|Bytes$/.test(name)) expect(text).toMatch(/\d is \d+ (second|minute|MiB)/);
    }
  });

  it("has Settings Sync carry no open door to another computer", () => {
    const kept = Object.entries(properties).filter(([, setting]) => setting.ignoreSync);
    expect(kept.map(([name]) => name).sort()).toEqual([
      "portico.allowLanAccess",
      "portico.allowedHosts",
      "portico.allowedOrigins",
      "portico.auth.mode",
      "portico.chat.extensions",
      "portico.port",
      "portico.telemetry.content",
      "portico.telemetry.endpoint",
    ]);
    // Of settings to come, too: what sounds like a door has to be kept back.
    for (const [name, { ignoreSync }] of Object.entries(properties)) {
      if (/port\b|lan|auth|key|allow|host|origin|proxy|listen|public|share|remote/i.test(name.slice(8)))
        expect(ignoreSync, name).toBe(true);
    }
  });

  it("lets no workspace and no remote machine set anything", () => {
    expect(Object.values(properties).map(({ scope }) => scope)).toEqual(
      Object.keys(properties).map(() => "application"),
    );
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe(true);
  });

  it.each(SETTING_KEYS)("has the gateway's default and bounds for %s", (key) => {
    const setting = properties[`portico.${key}`];
    const schema = schemaAt(key);
    expect(setting?.default).toEqual(at(defaultSettings, key));
    expect(setting?.type).toBe(schema.type);
    for (const bound of ["minimum", "maximum", "maxItems"] as const)
      expect(setting?.[bound]).toBe(schema[bound]);
    expect([...(setting?.enum ?? [])].sort()).toEqual(
      [...((schema.enum as string[] | undefined) ?? [])].sort(),
    );
    expect(setting?.markdownEnumDescriptions?.length).toBe(setting?.enum?.length);
  });

  it("wakes after VS Code is up", () => {
    // A panel that was open is filled again at once.
    expect(manifest.activationEvents).toEqual(["onStartupFinished", "onWebviewPanel:portico.panel"]);
  });
});

describe("settings", () => {
  const sources = { fixed: NOTHING_FIXED, accounts: [], routes: [], apiKey: "sk-portico-0123456789" };
  const defaults = nestSettings(SETTING_KEYS.map((key) => [key, properties[`portico.${key}`]?.default]));

  it("are the gateway's defaults when nothing is set", () => {
    const { settings, problems } = composeSettings({ window: defaults, ...sources });
    expect(problems).toEqual([]);
    expect(settings).toEqual({ ...defaultSettings, auth: { mode: "off", apiKey: sources.apiKey } });
  });

  it("leave out what has no value", () => {
    expect(
      nestSettings([
        ["a", 1],
        ["b.c", 2],
        ["b.d", undefined],
        ["e", null],
      ]),
    ).toEqual({ a: 1, b: { c: 2 } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a port that is text", { port: "x" }, "portico.port"],
    ["a mode that does not exist", { auth: { mode: "maybe" } }, "portico.auth.mode"],
    ["a wildcard web origin", { allowedOrigins: ["https://*"] }, "portico.allowedOrigins"],
    ["a group that is none", { upstream: 5 }, "portico.upstream"],
    ["a name nobody knows", { speed: 5 }, "portico.speed"],
    ["a name nobody knows in a group", { upstream: { speed: 5 } }, "portico.upstream.speed"],
  ])("fall back to the default for %s", (_name, window, name) => {
    const { settings, problems } = composeSettings({ window, ...sources });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(`${name} is not valid`);
    expect(settings.port).toBe(8045);
  });
});
