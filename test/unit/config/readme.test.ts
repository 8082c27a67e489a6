import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accountSchema, defaultSettings, routeSchema } from "../../../src/gateway/settings/settings.ts";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const table = readme.split("\n").filter((line) => line.startsWith("| `"));

/** `upstream.maxAttempts` for each setting that has a default. */
function paths(value: unknown, prefix = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [prefix];
  return Object.entries(value).flatMap(([name, inner]) =>
    paths(inner, prefix === "" ? name : `${prefix}.${name}`),
  );
}

/** A row may name several: `responses.maxCount`, `.maxBytes`. */
const named = (path: string) =>
  table.some(
    (row) =>
      row.includes(`\`${path}\``) ||
      (row.includes(`\`${path.split(".")[0]}.`) && row.includes(`\`.${path.split(".").at(-1)}\``)),
  );

describe("the README's table of settings", () => {
  it.each(paths(defaultSettings).filter((path) => path !== "accounts" && path !== "routes"))(
    "has %s",
    (path) => {
      expect(named(path)).toBe(true);
    },
  );
  it.each(Object.keys(accountSchema.shape))("has accounts[].%s", (name) => {
    expect(named(`accounts[].${name}`) || named(`accounts[].${name}.apiKey`)).toBe(true);
  });
  it.each(Object.keys(routeSchema.shape))("has routes[].%s", (name) => {
    expect(named(`routes[].${name}`)).toBe(true);
  });
});
