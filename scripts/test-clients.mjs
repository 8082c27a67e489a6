// npm run test:clients: real command-line agents and agent frameworks through a real gateway, on scripted providers.
// Nothing leaves this computer but their download. Arguments go to vitest.
//   PORTICO_CACHE=DIR   keeps them in DIR/clients instead of in ~/.cache/portico/clients
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { clientsFolder, ensureClients } from "./lib/clients.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { findNode, root, tool } from "./lib/paths.mjs";
import { run, seconds } from "./lib/run.mjs";
import { groupSkips } from "./lib/skips.mjs";
import { readReport } from "./lib/vitestReport.mjs";

async function main() {
  await ensureInstalled();
  await ensureBuilt();
  const clients = await ensureClients();
  const start = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "portico-clients-"));
  try {
    const file = join(folder, "report.json");
    const config = join(root, "test", "clients", "vitest.config.ts");
    const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${file}`];
    const args = [tool("vitest", "vitest.mjs"), "run", "--config", config, ...reporters];
    const code = await run(findNode(), [...args, ...process.argv.slice(2)], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PORTICO_TEST_CLIENTS: clientsFolder },
    });
    const { passed, failed, skipped } = await readReport(file);
    const broken = code !== 0 && failed === 0 ? 1 : failed;

    console.log(`\nWhat ran (${seconds(start)}):`);
    for (const [name, version] of Object.entries(clients)) console.log(`  ${name} ${version}`);
    const groups = groupSkips(skipped);
    if (groups.length > 0) console.log("What was skipped, and why:");
    for (const { count, why } of groups) console.log(`  ${count} × ${why}`);
    console.log(`${passed} passed, ${broken} failed, ${skipped.length} skipped`);
    process.exitCode = broken === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error.message);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = 1;
});
