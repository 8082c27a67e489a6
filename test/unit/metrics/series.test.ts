/** Series counted by ourselves are written as prom-client would have counted them. */
import { Counter, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { Counts, Distributions } from "../../../src/gateway/metrics/series.ts";
import fc from "../../support/property.ts";

const named = { name: "of_a_test", help: "Values of a test." };
const bounds = [0.5, 1, 2.5, 10];
/** Also those at a bound, which are in its class. */
const value = fc.oneof(
  fc.constantFrom(...bounds),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.constant(0),
);
const label = fc.constantFrom("a", 'odd "b"\n\\', "");

describe("series", () => {
  it("of a histogram", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(label, value)), async (observed) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const distributions = new Distributions(ours, bounds, named);
        const histogram = new Histogram({
          ...named,
          labelNames: ["of"],
          buckets: bounds,
          registers: [theirs],
        });
        const series = new Map<string, ReturnType<Distributions["make"]>>();
        for (const [of, value] of observed) {
          const known = series.get(of) ?? distributions.make({ of });
          series.set(of, known);
          known.add(value);
          histogram.observe({ of }, value);
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
    );
  });

  it("of a counter", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(label, label, fc.nat(1000))), async (added) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const counts = new Counts(ours, named, ["of", "by"]);
        const counter = new Counter({ ...named, labelNames: ["of", "by"], registers: [theirs] });
        for (const [of, by, count] of added) {
          counts.add([of, by], count);
          counter.inc({ of, by }, count);
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
        // Nothing is counted twice by whoever asks twice.
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
    );
  });

  it("have every name of a histogram, and a counter without labels is there from the start", async () => {
    const registry = new Registry();
    const distributions = new Distributions(registry, [1], named, { ...named, name: "as_it_was" });
    const counts = new Counts(registry, { ...named, name: "failovers" });
    distributions.make({}).add(3);
    expect(await registry.metrics()).toContain("failovers 0");
    counts.add([]);
    const text = await registry.metrics();
    for (const name of ["of_a_test", "as_it_was"]) expect(text).toContain(`${name}_sum 3`);
    expect(text).toContain("failovers 1");
  });
});
