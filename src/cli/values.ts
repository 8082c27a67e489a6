/** The options of a command line as they were given, and those that are numbers, paths or one of a few words. */

import { parseArgs } from "node:util";
import { t } from "@vscode/l10n";
import { nearest } from "../gateway/config/nearest.ts";
import { UsageError } from "./command.ts";
import { OPTIONS, type Option, type OptionName } from "./options.ts";

/** In the form that `parseArgs` takes. */
const PARSED = Object.fromEntries(
  Object.entries<Option>(OPTIONS).map(([name, option]) => [
    name,
    {
      type: option.value === undefined ? "boolean" : "string",
      ...(option.short === undefined ? {} : { short: option.short }),
      ...(option.many === undefined ? {} : { multiple: true }),
    },
  ]),
) as {
  readonly [N in OptionName]: (typeof OPTIONS)[N] extends { value: string }
    ? (typeof OPTIONS)[N] extends { many: true }
      ? { readonly type: "string"; readonly multiple: true }
      : { readonly type: "string" }
    : { readonly type: "boolean" };
};

/** @throws UsageError */
export function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: PARSED, allowPositionals: true, strict: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const given = args.find((arg) => arg.startsWith("-") && !isKnown(arg)) ?? "option";
      const name = given.replace(/=.*/s, "");
      const meant = nearest(name.replace(/^-+/, ""), Object.keys(OPTIONS));
      throw new UsageError(
        meant === undefined
          ? t("unknown option {0}", name)
          : t("unknown option {0}; did you mean {1}?", name, `--${meant}`),
      );
    }
    if (error instanceof TypeError) throw new UsageError(firstSentence(error.message));
    throw error;
  }
}

export type Values = ReturnType<typeof parse>["values"];

const SHORTS = Object.values(OPTIONS).flatMap((option) => ("short" in option ? [`-${option.short}`] : []));

function isKnown(arg: string): boolean {
  return SHORTS.includes(arg) || Object.hasOwn(OPTIONS, arg.replace(/^--/, "").replace(/=.*/s, ""));
}

function firstSentence(text: string): string {
  return (text.split(/\.\s|\n/)[0] ?? text).replace(/\.$/, "");
}

/** @throws UsageError */
export function pathIn(values: Values, name: "config" | "data-dir" | "client-file"): string | undefined {
  if (values[name] === "") throw new UsageError(t("{0} needs a path", `--${name}`));
  return values[name];
}

/** @throws UsageError */
export function wholeNumber(
  name: OptionName,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(
    t("{0} must be a whole number from {1} to {2}, not {3}", `--${name}`, min, max, JSON.stringify(text)),
  );
}

/** @throws UsageError */
export function among<T extends string>(name: OptionName, text: string, all: readonly T[]): T {
  const found = all.find((each) => each === text);
  if (found !== undefined) return found;
  throw new UsageError(
    t("{0} must be one of {1}, not {2}", `--${name}`, all.join(", "), JSON.stringify(text)),
  );
}
