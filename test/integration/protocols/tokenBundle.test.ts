/** The thread that counts tokens, as it is built: beside the command line, and alone as in the package. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { dist, isBuilt, partsOf } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { root, start } from "../cli/program.ts";

const missing = !isBuilt("portico.js", "worker.js", "tokens.js");

describe.skipIf(missing)("the built tokenizer (needs dist/)", () => {
  it("counts for the bundled command line", async () => {
    const folder = makeFolder("tokens");
    const config = join(folder, "config.json");
    const account = {
      id: "c",
      provider: "custom",
      endpoints: { "openai-chat": "http://127.0.0.1:9/v1" },
      models: ["m"],
    };
    await writeFile(config, JSON.stringify({ accounts: [account] }));
    await using program = start(
      ["serve", "--port", "0", "--data-dir", folder, "--config", config],
      {},
      dist("cli.js"),
    );
    const response = await fetch(`${await program.ready()}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify({
        model: "m",
        system: "hello world",
        messages: [{ role: "user", content: "hello world" }],
      }),
    });
    expect(response.headers.get("x-portico-warnings")).toContain("tokenizer");
    expect(await response.json()).toEqual({ input_tokens: 2 * (2 + 4) });
    await removeFolder(folder);
  });

  it("needs nothing beside it but its table", async () => {
    const folder = makeFolder("tokens");
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    for (const name of ["tokens.js", "tokens.br"]) await copyFile(dist(name), join(folder, name));
    const worker = new Worker(join(folder, "tokens.js"));
    const counted = new Promise((resolve, reject) => {
      worker.on("message", resolve);
      worker.on("error", reject);
    });
    worker.postMessage({ id: 7, texts: ["hello world", ""] });
    expect(await counted).toEqual({ id: 7, tokens: 2 });
    await worker.terminate();
    await removeFolder(folder);
  });

  it("is where both bundles look for it, and in the package", async () => {
    for (const name of ["portico.js", "worker.js"])
      expect([...partsOf(name).values()].some((text) => text.includes('"./tokens.js"'))).toBe(true);
    expect(await readFile(join(root, ".vscodeignore"), "utf8")).toMatch(
      /^!dist\/tokens\.js\n!dist\/tokens\.br$/m,
    );
  });
});
