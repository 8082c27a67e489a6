/**
 * A strict reader of Prometheus' text format, version 0.0.4: what is not exactly as documented throws.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { expect } from "vitest";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]?Inf|NaN)$/i;
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];

export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line has no line feed");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: { name: string; help?: string; type?: string; samples: Sample[] } | undefined;
  const close = () => {
    if (current === undefined) return;
    const { name, help, type, samples } = current;
    if (help === undefined || type === undefined) throw new Error(`${name} has no HELP or no TYPE`);
    families.set(name, { name, help, type, samples });
  };
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    if (line.startsWith("#")) {
      const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
      if (kind === undefined || NAME.exec(name)?.[0] !== name) throw new Error(`bad comment: ${line}`);
      if (current?.name !== name) {
        close();
        if (families.has(name)) throw new Error(`${name} comes in two places`);
        current = { name, samples: [] };
      }
      if (current.samples.length > 0) throw new Error(`${kind} of ${name} comes after its samples`);
      if (kind === "HELP") {
        if (current.help !== undefined) throw new Error(`two HELPs of ${name}`);
        current.help = withoutEscapes(rest, "\\n");
      } else {
        if (current.type !== undefined || !TYPES.includes(rest))
          throw new Error(`bad TYPE of ${name}: ${rest}`);
        current.type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    if (current === undefined || !belongs(sample.name, current)) {
      throw new Error(`${sample.name} stands apart from its family`);
    }
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    current.samples.push(sample);
  }
  close();
  for (const family of families.values()) {
    if (family.type === "histogram") checkHistogram(family);
    if (family.type === "counter") {
      for (const { value } of family.samples)
        if (!(value >= 0)) throw new Error(`${family.name} is ${value}`);
    }
  }
  return families;
}

function belongs(name: string, { name: family, type }: { name: string; type?: string }): boolean {
  if (type !== "histogram") return name === family;
  return ["_bucket", "_sum", "_count"].some((suffix) => name === family + suffix);
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new Error(`bad sample: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    while (!rest.startsWith("}")) {
      const label = LABEL.exec(rest)?.[0];
      const value = label === undefined ? undefined : /^="((?:[^"\\]|\\.)*)"/.exec(rest.slice(label.length));
      if (label === undefined || !value) throw new Error(`bad label: ${line}`);
      if (label in labels) throw new Error(`label ${label} twice: ${line}`);
      labels[label] = withoutEscapes(value[1] ?? "", '\\n"');
      rest = rest.slice(label.length + value[0].length);
      if (rest.startsWith(",")) rest = rest.slice(1);
      else if (!rest.startsWith("}")) throw new Error(`bad labels: ${line}`);
    }
    rest = rest.slice(1);
  }
  const number = /^ (\S+)$/.exec(rest)?.[1];
  if (number === undefined || !NUMBER.test(number)) throw new Error(`bad value: ${line}`);
  return { name, labels, value: Number(number.replace(/Inf$/i, "Infinity")) };
}

/** @param known what may follow a backslash */
function withoutEscapes(text: string, known: string): string {
  return text.replace(/\\(.?)/gs, (_match, character: string) => {
    if (character === "" || !known.includes(character)) throw new Error(`bad escape in ${text}`);
    return character === "n" ? "\n" : character;
  });
}

/** Buckets grow, the last is `+Inf` and equals the count, and there is a sum. */
function checkHistogram({ name, samples }: Family): void {
  const groups = new Map<string, { buckets: [number, number][]; sum?: number; count?: number }>();
  for (const {
    name: own,
    labels: { le, ...labels },
    value,
  } of samples) {
    const key = JSON.stringify(Object.entries(labels).sort());
    const group = groups.get(key) ?? { buckets: [] };
    groups.set(key, group);
    if (own === `${name}_sum`) group.sum = value;
    else if (own === `${name}_count`) group.count = value;
    else if (le === undefined) throw new Error(`a bucket of ${name} has no le`);
    else group.buckets.push([Number(le.replace("Inf", "Infinity")), value]);
  }
  for (const { buckets, sum, count } of groups.values()) {
    if (sum === undefined || count === undefined) throw new Error(`${name} has no sum or no count`);
    expect(buckets.at(-1)).toEqual([Number.POSITIVE_INFINITY, count]);
    for (const [index, [le, value]] of buckets.entries()) {
      const [before, less] = buckets[index - 1] ?? [Number.NEGATIVE_INFINITY, 0];
      if (le <= before || value < less) throw new Error(`the buckets of ${name} do not grow`);
    }
  }
}
