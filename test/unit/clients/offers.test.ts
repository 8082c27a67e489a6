import { describe, expect, it } from "vitest";
import type { RouteRule } from "../../../src/control/settings.ts";
import { changeOffers, offeredBy, offerText } from "../../../src/gateway/clients/offers.ts";
import fc from "../../support/property.ts";

const offer = (model: string): RouteRule => ({ model: `claude-portico-${model}`, to: [model] });
const own: RouteRule = { model: "fast", to: ["work/gpt-5-mini"] };

describe("models that a client lists beside its own", () => {
  it("each get a route of a name that it takes, which goes when they are listed no longer", () => {
    const first = changeOffers([own], ["gpt-5", "work/gpt-5", "gpt-5"]);
    expect(first.added).toEqual([offer("gpt-5"), offer("work/gpt-5")]);
    expect(first.removed).toEqual([]);
    expect(first.routes).toEqual([own, offer("gpt-5"), offer("work/gpt-5")]);
    expect(offeredBy(first.routes)).toEqual(["gpt-5", "work/gpt-5"]);
    expect(first.added.map(offerText)).toEqual([
      "claude-portico-gpt-5 → gpt-5",
      "claude-portico-work/gpt-5 → work/gpt-5",
    ]);
    const second = changeOffers(first.routes, ["gemini-3-pro", "gpt-5"]);
    expect(second).toMatchObject({ added: [offer("gemini-3-pro")], removed: [offer("work/gpt-5")] });
    expect(changeOffers(second.routes, []).routes).toEqual([own]);
  });

  it("leave a route alone that a person has changed, and are not offered over it", () => {
    const theirs: RouteRule[] = [
      { model: "claude-portico-gpt-5", to: ["work/gpt-5", "home/gpt-5"] },
      { model: "claude-portico-a", to: ["a"], edit: { effort: "low" } },
      { model: "claude-portico-b", to: ["c"] },
    ];
    expect(offeredBy(theirs)).toEqual([]);
    expect(changeOffers(theirs, ["gpt-5", "a", "b"])).toEqual({ added: [], removed: [], routes: theirs });
    expect(changeOffers(theirs, [])).toEqual({ added: [], removed: [], routes: theirs });
  });

  it("need no route where they are listed anyway: Claude's own, and routes", () => {
    const routes: RouteRule[] = [own, { model: "claude-best", to: ["x"] }];
    expect(changeOffers(routes, ["claude-opus-4-8", "anthropic/x", "fast"]).added).toEqual([]);
  });

  it("are exactly those that were asked for, and no other route is touched", () => {
    const name = fc.constantFrom<string>("a", "b", "x/c", "claude-1", "fast", "é");
    const route = fc.oneof(
      name.map(offer),
      fc.record({ model: name, to: fc.array(name, { minLength: 1, maxLength: 2 }) }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(route, { selector: ({ model }) => model, maxLength: 6 }),
        fc.array(name),
        (routes, models) => {
          const { routes: after, added, removed } = changeOffers(routes, models);
          const others = (all: readonly RouteRule[]) => {
            const ours = new Set(offeredBy(all).map((model) => offer(model).model));
            return all.filter(({ model }) => !ours.has(model));
          };
          expect(others(after)).toEqual(others(routes));
          expect(new Set(after.map(({ model }) => model)).size).toBe(after.length);
          expect(offeredBy(after).every((model) => models.includes(model))).toBe(true);
          expect(changeOffers(after, models)).toMatchObject({ added: [], removed: [] });
          expect(after).toEqual([...routes.filter((each) => !removed.includes(each)), ...added]);
        },
      ),
    );
  });
});
