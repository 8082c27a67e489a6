/** What a restore does to routes and settings, whatever is in the file and whatever is here. */
import { describe, expect, it } from "vitest";
import type { SettingName, SettingsView } from "../../../src/control/settings.ts";
import type { BackedUpSettings } from "../../../src/gateway/accounts/credentials/transfer/file.ts";
import { planSettings, settingsToBackUp } from "../../../src/gateway/leader/restorePlan.ts";
import { defaultSettings, type RouteSettings } from "../../../src/gateway/settings/settings.ts";
import { EDITABLE, editableOf, SETTING_NAMES } from "../../../src/gateway/settings/table.ts";
import fc from "../../support/property.ts";

type Values = SettingsView["values"];
type Home = NonNullable<SettingsView["homes"][SettingName]>;

function view(values: Partial<Values> = {}, config: readonly SettingName[] = []): SettingsView {
  const homes = SETTING_NAMES.map((name): [SettingName, Home] => [
    name,
    config.includes(name) ? "config" : "portico",
  ]);
  return {
    values: { ...editableOf(defaultSettings), ...values },
    homes: Object.fromEntries(homes),
  };
}

const plan = (
  own: Partial<BackedUpSettings>,
  settings = view(),
  routes: readonly RouteSettings[] = [],
  renamed: ReadonlyMap<string, string> = new Map(),
) => planSettings({ routes: [], settings: {}, ...own }, { routes, settings, renamed });

const route = (model: string, ...to: string[]): RouteSettings => ({ model, to });

/** What says who can reach this computer, and at which port. */
const OF_THE_MACHINE = ["port", "allowLanAccess", "auth.mode", "allowedOrigins", "allowedHosts"] as const;

describe("what belongs to a computer", () => {
  it("is in no backup, and is taken from none", () => {
    const open = view({ allowLanAccess: true, port: 9000, "auth.mode": "off", allowedHosts: ["x"] });
    const written = settingsToBackUp(open);
    for (const name of OF_THE_MACHINE) expect(written).not.toHaveProperty(name);
    const forged = {
      port: 9000,
      allowLanAccess: true,
      "auth.mode": "off",
      allowedOrigins: ["a://*"],
      allowedHosts: [],
    };
    const planned = plan({ settings: forged });
    expect(planned.change).toEqual({});
    expect(planned.left).toEqual(
      OF_THE_MACHINE.map((name) => ({ name, why: "machine" })).sort(byForged(forged)),
    );
  });

  it("is whatever VS Code's settings hold, and no more", () => {
    const staying = SETTING_NAMES.filter((name) => EDITABLE.get(name)?.about.home !== "portico");
    // Conversations kept on the disk are a matter of that disk.
    expect([...staying].sort()).toEqual([...OF_THE_MACHINE, "responses.onDisk"].sort());
  });

  const byForged = (forged: object) => (a: { name: string }, b: { name: string }) =>
    Object.keys(forged).indexOf(a.name) - Object.keys(forged).indexOf(b.name);
});

describe("a restore of settings", () => {
  it("leaves out what the config file says, what nobody knows and what cannot be", () => {
    const settings = view({}, ["budgets", "replyHeaders"]);
    expect(settingsToBackUp(settings)).not.toHaveProperty("budgets");
    const planned = plan(
      {
        settings: {
          replyHeaders: false,
          "of.tomorrow": 1,
          "records.maxRows": "many",
          "scheduling.waitMs": 7,
        },
      },
      settings,
    );
    expect(planned.change).toEqual({ "scheduling.waitMs": 7 });
    expect(planned.settings).toEqual([{ name: "scheduling.waitMs", from: "10000", to: "7" }]);
    expect(planned.left).toEqual([
      { name: "replyHeaders", why: "config" },
      { name: "of.tomorrow", why: "unknown" },
      { name: "records.maxRows", why: "unknown" },
    ]);
  });

  it("follows accounts that have another id here", () => {
    const planned = plan(
      {
        routes: [route("fast", "work/m", "workshop/m", "m", "openai/work")],
        settings: {
          "scheduling.pinned": "work",
          "background.to": ["work/small", "other/small"],
          budgets: [{ account: "work", unit: "usd", per: "day", limit: 1, warnAtPercent: 80 }],
          prices: [{ account: "work", model: "m", input: 1, output: 2 }],
        },
      },
      view(),
      [],
      new Map([["work", "work-2"]]),
    );
    expect(planned.routes).toEqual([route("fast", "work-2/m", "workshop/m", "m", "openai/work")]);
    expect(planned.change).toEqual({
      "scheduling.pinned": "work-2",
      "background.to": ["work-2/small", "other/small"],
      budgets: [{ account: "work-2", unit: "usd", per: "day", limit: 1, warnAtPercent: 80 }],
      prices: [{ account: "work-2", model: "m", input: 1, output: 2 }],
    });
  });

  it("keeps what is only here, and counts what is new, replaced and kept", () => {
    const budget = (limit: number, account?: string) => ({
      ...(account === undefined ? {} : { account }),
      unit: "usd" as const,
      per: "day" as const,
      limit,
      warnAtPercent: 80,
    });
    const planned = plan(
      {
        routes: [route("a", "new"), route("b", "same"), route("d", "x")],
        settings: { budgets: [budget(5), budget(1, "one")] },
      },
      view({ budgets: [budget(4), budget(2, "two")] }),
      [route("a", "old"), route("b", "same"), route("c", "mine")],
    );
    expect(planned.routes).toEqual([
      route("a", "new"),
      route("b", "same"),
      route("c", "mine"),
      route("d", "x"),
    ]);
    expect(planned.lists).toEqual({
      routes: { added: 1, replaced: 1, kept: 2 },
      budgets: { added: 1, replaced: 1, kept: 1 },
      prices: { added: 0, replaced: 0, kept: 0 },
    });
    expect(planned.change.budgets).toEqual([budget(5), budget(2, "two"), budget(1, "one")]);
  });

  it("says beforehand when both together are too many", () => {
    const many = (of: string) => Array.from({ length: 600 }, (_, index) => route(`${of}-${index}`, "m"));
    expect(() => plan({ routes: many("a") }, view(), many("b"))).toThrow(
      /too many routes.*Nothing was changed/,
    );
    expect(plan({ routes: many("a") }, view(), many("a")).lists.routes.kept).toBe(600);
    const budgets = (from: number) =>
      Array.from({ length: 300 }, (_, index) => {
        return {
          account: `a-${from + index}`,
          unit: "usd" as const,
          per: "day" as const,
          limit: 1,
          warnAtPercent: 80,
        };
      });
    expect(() => plan({ settings: { budgets: budgets(0) } }, view({ budgets: budgets(300) }))).toThrow(
      /too many budgets/,
    );
  });
});

describe("any backup on any computer", () => {
  const name = fc.string({ minLength: 1, maxLength: 20 });
  const routes = fc.array(fc.record({ model: name, to: fc.array(name, { minLength: 1, maxLength: 3 }) }), {
    maxLength: 8,
  });
  const budgets = fc.array(
    fc.record({
      unit: fc.constantFrom("tokens" as const, "requests" as const, "usd" as const),
      per: fc.constantFrom("day" as const, "week" as const, "month" as const),
      limit: fc.integer({ min: 1, max: 1000 }),
      warnAtPercent: fc.integer({ min: 1, max: 100 }),
    }),
    { maxLength: 8 },
  );
  const values = fc.record({ budgets, "scheduling.waitMs": fc.integer({ min: 0, max: 600_000 }) });

  it("has all of the backup afterwards, loses nothing of its own, and has nothing left to do", () => {
    fc.assert(
      fc.property(values, routes, values, routes, (theirs, theirRoutes, mine, myRoutes) => {
        const own = { routes: theirRoutes, settings: settingsToBackUp(view(theirs)) };
        const planned = plan(own, view(mine), myRoutes);
        const after = view({ ...mine, ...planned.change });
        for (const each of theirRoutes) expect(planned.routes).toContainEqual(each);
        const named = new Set(theirRoutes.map(({ model }) => model));
        for (const each of myRoutes) if (!named.has(each.model)) expect(planned.routes).toContainEqual(each);
        expect(after.values["scheduling.waitMs"]).toBe(theirs["scheduling.waitMs"]);
        for (const each of theirs.budgets) expect(after.values.budgets).toContainEqual(each);
        const { added, replaced } = planned.lists.routes;
        expect(planned.lists.routes.kept + replaced).toBe(myRoutes.length);
        expect(added).toBe(
          theirRoutes.filter(({ model }) => !myRoutes.some((each) => each.model === model)).length,
        );
        const again = plan(own, after, planned.routes);
        expect(again.change).toEqual({});
        expect(again.routes).toEqual(planned.routes);
        expect(again.lists.routes).toMatchObject({ added: 0, replaced: 0 });
      }),
    );
  });
});
