/** What a person may say to `npm run bench`. */
import { parseArgs } from "node:util";

export interface BenchArguments {
  readonly pairs: number;
  /** A part of the names of what is measured; empty: all. */
  readonly only: string;
  /** Of another build, to measure that. */
  readonly dist: string | undefined;
  /** Another build, to compare with that instead of the pipe; nothing fails then. */
  readonly against: string | undefined;
  readonly json: boolean;
}

/**
 * @param names of all that can be measured
 * @returns words for a person where that would measure nothing
 */
export function benchArguments(args: readonly string[], names: readonly string[]): BenchArguments | string {
  const usage = `Usage: npm run bench [-- --pairs N] [--only NAME] [--dist FOLDER] [--against FOLDER] [--json]
NAME is a part of: ${names.join("; ")}`;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        pairs: { type: "string", default: "15" },
        only: { type: "string", default: "" },
        dist: { type: "string" },
        against: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const { only, dist, against, json } = values;
    if (!/^[1-9]\d{0,3}$/.test(values.pairs)) return `--pairs must be a number from 1 to 9999.\n${usage}`;
    if (!names.some((name) => name.includes(only))) return `Nothing is called "${only}".\n${usage}`;
    return { pairs: Number(values.pairs), only, dist, against, json };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}
