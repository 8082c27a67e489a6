// What the programs beside this file have alike: packages from where the clients are installed, and a report.
import { createRequire } from "node:module";
import { join } from "node:path";

/** Of a package among the clients: a program of its own would have it beside itself. */
export const load = createRequire(join(process.env.PORTICO_TEST_CLIENTS, "package.json"));

/** As the test says: `{ baseUrl, client, models }`, models by account and name. */
export const task = JSON.parse(process.argv[2]);

/**
 * Runs every case with every model, and prints what came of it.
 * @param cases name -> function of the model's name
 */
export async function report(cases) {
  const all = {};
  for (const [key, model] of Object.entries(task.models)) {
    all[key] = {};
    for (const [name, run] of Object.entries(cases)) {
      try {
        all[key][name] = await run(model);
      } catch (error) {
        all[key][name] = `failed: ${error.stack ?? error}`;
      }
    }
  }
  process.stdout.write(JSON.stringify(all));
}
