import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DIFFERENCES } from "../../support/matrix/differences.ts";
import { FEATURES } from "../../support/matrix/features.ts";
import { protocolsPage } from "../../support/matrix/page.ts";

const page = readFileSync(new URL("../../../docs/protocols.md", import.meta.url), "utf8");

it("docs/protocols.md is what `node scripts/protocols-doc.mjs` writes", () => {
  expect(page).toBe(protocolsPage());
});

it("docs/protocols.md tells every feature and every difference", () => {
  for (const { name } of FEATURES) expect(page).toContain(name);
  for (const { reason } of DIFFERENCES) expect(page).toContain(reason);
});
