/**
 * Series of metrics that are kept at hand. prom-client looks a series up by all its labels for each value, which cost a
 * request as much as its record; here it only writes them, when somebody asks.
 */
import { Counter, Histogram, type Registry } from "prom-client";

export type Labels = Readonly<Record<string, string>>;

interface Name {
  readonly name: string;
  readonly help: string;
}

/** Values of one series, counted in classes. */
export class Distribution {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** Of each class alone; the last is beyond all bounds. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds highest values of the classes, ascending */
  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    let at = 0;
    while (value > (this.#bounds[at] ?? Infinity)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  /** As prom-client has them: each class with all below it, then the sum and the number of values. */
  samples(name: string) {
    const { labels: sharedLabels } = this;
    let below = 0;
    const classes = this.#counts.map((count, at) => {
      below += count;
      const labels: Record<string, string | number> = { le: this.#bounds[at] ?? "+Inf" };
      return { metricName: `${name}_bucket`, labels, sharedLabels, value: below };
    });
    return [
      ...classes,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: this.#sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: below },
    ];
  }
}

class ToldHistogram extends Histogram {
  readonly #name: Name;
  readonly #of: readonly Distribution[];

  constructor(name: Name, of: readonly Distribution[], registry: Registry) {
    super({ ...name, registers: [registry] });
    this.#name = name;
    this.#of = of;
  }

  /** What prom-client's registry asks each of its metrics for; its types leave it out. */
  async getForPromString() {
    const values = this.#of.flatMap((each) => each.samples(this.#name.name));
    return { ...this.#name, type: "histogram", aggregator: "sum", values };
  }
}

/** The series of a histogram, which may have more than one name. */
export class Distributions {
  readonly #bounds: readonly number[];
  readonly #made: Distribution[] = [];

  constructor(registry: Registry, bounds: readonly number[], ...names: readonly Name[]) {
    this.#bounds = bounds;
    for (const name of names) new ToldHistogram(name, this.#made, registry);
  }

  /** A series of its own: whoever makes it keeps it. */
  make(labels: Labels): Distribution {
    const made = new Distribution(labels, this.#bounds);
    this.#made.push(made);
    return made;
  }
}

/** The series of a counter. */
export class Counts<Label extends string> {
  readonly #labelNames: readonly Label[];
  readonly #counts = new Map<string, { readonly labels: Partial<Record<Label, string>>; value: number }>();

  constructor(registry: Registry, name: Name, labelNames: readonly Label[] = []) {
    this.#labelNames = labelNames;
    const counts = this.#counts;
    new Counter({
      ...name,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, value } of counts.values()) this.inc(labels, value);
      },
    });
  }

  /** @param values of the labels, in their order */
  add(values: readonly string[], count = 1): void {
    const key = values.join("\0");
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.value += count;
      return;
    }
    const labels: Partial<Record<Label, string>> = {};
    this.#labelNames.forEach((name, at) => {
      labels[name] = values[at] ?? "";
    });
    this.#counts.set(key, { labels, value: count });
  }
}
