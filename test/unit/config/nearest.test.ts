import { expect, it } from "vitest";
import { nearest } from "../../../src/gateway/config/nearest.ts";

it.each([
  ["prot", "port"],
  ["PORT", "port"],
  ["acounts", "accounts"],
  ["allowLan", undefined],
  ["allowLANacess", "allowLanAccess"],
  ["x", undefined],
  ["", undefined],
])("takes %j for %j", (word, meant) => {
  expect(nearest(word, ["port", "accounts", "allowLanAccess", "auth"])).toBe(meant);
});
