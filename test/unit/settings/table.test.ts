/** Each setting is said once, in `src/gateway/settings`; all that derives from it is as `npm run settings` writes it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { DERIVED } from "../../../scripts/lib/settings.ts";
import type { SettingName } from "../../../src/control/settings.ts";
import { ABOUT } from "../../../src/gateway/settings/about.ts";
import { defaultSettings, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import {
  BOUNDS,
  EDITABLE_VALUES,
  editableOf,
  isSettingName,
  labelOf,
  rowsOf,
  SETTING_NAMES,
  SETTINGS,
  unitOf,
  withEditable,
} from "../../../src/gateway/settings/table.ts";
import fc from "../../support/property.ts";

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
/** Without what is the formatter's. */
const bare = (file: string, text: string) => {
  if (file.endsWith(".json")) return JSON.stringify(JSON.parse(text));
  return file.endsWith(".ts") ? text.replaceAll(/[\s",]/g, "") : text;
};

describe("what derives from the table of settings", () => {
  it.each(Object.entries(DERIVED))("%s is up to date (npm run settings)", (file, derive) => {
    const text = read(file);
    expect(bare(file, derive(text))).toBe(bare(file, text));
  });

  it.each<[string, string, string]>([
    ["package.json", '"maximum": 65535', '"maximum": 65536'],
    ["package.json", '"portico.allowedHosts"', '"portico.allowedHost"'],
    ["package.nls.json", '"The port that clients', '"A port that clients'],
    ["README.md", "| `port` | `8045` |", "| `port` | `8046` |"],
    ["README.md", "| `limits.connections` | `2048` | at once |\n", ""],
    ["src/vscode/host/settingTable.ts", "maximum: 65535", "maximum: 65536"],
  ])("a change of %s by hand is found", (file, from, to) => {
    const changed = read(file).replace(from, to);
    expect(changed).not.toBe(read(file));
    expect(bare(file, DERIVED[file]?.(changed) ?? "")).toBe(bare(file, read(file)));
  });
});

/** Every leaf of the settings, as paths. */
function leaves(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === "" ? name : `${path}.${name}`),
  );
}

describe("the table of settings", () => {
  it("has a row for each setting, and its default", () => {
    const paths = new Map(SETTINGS.map((row) => [row.path, row.fallback]));
    for (const path of leaves(defaultSettings)) {
      if (path === "accounts" || path === "routes") continue;
      expect(paths.has(path), path).toBe(true);
      const inForce = path.split(".").reduce<unknown>((at, name) => Object(at)[name], defaultSettings);
      expect(paths.get(path), path).toEqual(inForce);
    }
    expect(paths.size).toBe(SETTINGS.length);
  });

  it("has a unit in the name of every number that is no count", () => {
    const counts = SETTINGS.filter((row) => row.schema instanceof z.ZodNumber && unitOf(row) === undefined);
    expect(counts.map(({ path }) => path)).toEqual([
      "port",
      "accounts[].priority",
      "accounts[].maxInFlight",
      "upstream.maxAttempts",
      "limits.connections",
      "responses.maxCount",
      "records.maxRows",
    ]);
  });

  it("names to the pages exactly what they know", () => {
    const known: Record<SettingName, true> = {
      port: true,
      allowLanAccess: true,
      allowedOrigins: true,
      allowedHosts: true,
      "auth.mode": true,
      "scheduling.strategy": true,
      "scheduling.stickyWaitMs": true,
      "scheduling.waitMs": true,
      "scheduling.pinned": true,
      "scheduling.protectBelowPercent": true,
      "quotas.refreshMinutes": true,
      "background.enabled": true,
      "background.to": true,
      budgets: true,
      prices: true,
      "records.enabled": true,
      "records.maxAgeDays": true,
      "records.maxRows": true,
      "records.maxBytes": true,
      "records.bodies": true,
      "records.bodyMaxBytes": true,
      "records.bodiesMaxBytes": true,
      "records.bodiesMaxHours": true,
      replyHeaders: true,
      "responses.onDisk": true,
    };
    expect([...SETTING_NAMES].sort()).toEqual(Object.keys(known).sort());
    expect(SETTING_NAMES.every(isSettingName)).toBe(true);
    expect(isSettingName("upstream.maxAttempts")).toBe(false);
    expect(isSettingName("constructor")).toBe(false);
    expect(new Set(SETTING_NAMES.map(labelOf)).size).toBe(SETTING_NAMES.length);
  });

  it("gives the bounds of numbers, which the settings themselves keep", () => {
    expect(BOUNDS.port).toEqual({ min: 0, max: 65_535 });
    for (const [name, bounds] of Object.entries(BOUNDS)) {
      const takes = EDITABLE_VALUES[name as SettingName];
      for (const value of [bounds.min, bounds.max]) expect(takes.safeParse(value).success).toBe(true);
      for (const value of [bounds.min - 1, bounds.max + 1])
        expect(takes.safeParse(value).success).toBe(false);
    }
  });

  it("sets what was shown: values go in and come back", () => {
    const numbers = Object.entries(BOUNDS).map(
      ([name, { min, max }]) => [name, fc.integer({ min, max })] as const,
    );
    fc.assert(
      fc.property(fc.record(Object.fromEntries(numbers), { requiredKeys: [] }), (change) => {
        const before = editableOf(defaultSettings);
        const settings = settingsSchema.parse(withEditable({}, change));
        expect(editableOf(settings)).toEqual({ ...before, ...change });
      }),
    );
  });

  it("passes over what nobody described", () => {
    const schema = z.strictObject({ a: z.string(), b: z.int().default(3).register(ABOUT, { meaning: "x" }) });
    expect(rowsOf(schema)).toMatchObject([{ path: "b", fallback: 3, about: { meaning: "x" } }]);
  });
});
