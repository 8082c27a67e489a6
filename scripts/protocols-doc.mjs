// Writes docs/protocols.md from the tables that test/integration/matrix runs. Node 24 or newer.
import { writeFileSync } from "node:fs";
import { protocolsPage } from "../test/support/matrix/page.ts";

writeFileSync(new URL("../docs/protocols.md", import.meta.url), protocolsPage());
