/** The bundle takes parts of undici, by a list of its own: it has what the sources import, and no other. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import * as undici from "undici";
import { describe, expect, it } from "vitest";
import { isBuilt, partsOf } from "../../support/dist.ts";

const root = join(import.meta.dirname, "../../..");
const require = createRequire(import.meta.url);
const bundled: Record<string, unknown> = require("../../../scripts/lib/undici.cjs");

/** Names of values, those of types left out. */
function importedIn(source: string): string[] {
  const [, names = ""] = /^import \{([^}]*)\} from "undici";$/m.exec(source) ?? [];
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "));
}

describe("undici in the bundle", () => {
  it("has what the sources import, the same as in the package", async () => {
    const wanted = new Set<string>();
    for await (const file of glob("src/**/*.ts", { cwd: root })) {
      for (const name of importedIn(readFileSync(join(root, file), "utf8"))) wanted.add(name);
    }
    expect(Object.keys(bundled).sort()).toEqual([...wanted].sort());
    for (const name of wanted) expect(bundled[name]).toBe(Reflect.get(undici, name));
  });

  it("goes through a proxy without the rest of it", async () => {
    // A process of its own: here, the whole of undici is loaded, which completes its parts.
    const script = `
      const { ProxyAgent } = require(process.argv[1]);
      const end = (word) => { console.log(word); process.exit(); };
      new ProxyAgent({ uri: process.argv[2], proxyTunnel: true }).dispatch(
        { origin: "http://inside.test", path: "/there", method: "GET" },
        {
          onRequestStart() {},
          onResponseData() {},
          onResponseEnd() {},
          onResponseStart: (_controller, status) => end(status),
          onResponseError: (_controller, error) => end(error.message),
        },
      );`;
    const inside = createServer((request, reply) => {
      reply.writeHead(request.url === "/there" ? 204 : 404).end();
    });
    const proxy = createServer().on("connect", (request, socket) => {
      socket.write(`HTTP/1.1 ${request.url === "inside.test:80" ? "200 OK" : "502 No"}\r\n\r\n`);
      inside.emit("connection", socket);
    });
    await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
    const { port } = proxy.address() as AddressInfo;
    const parts = join(root, "scripts/lib/undici.cjs");
    const { stdout } = await promisify(execFile)(process.execPath, [
      "-e",
      script,
      parts,
      `http://127.0.0.1:${port}`,
    ]);
    proxy.close();
    expect(stdout).toBe("204\n");
  });

  it.skipIf(!isBuilt("cli.js"))("comes without what Node.js 22.13 cannot load (needs dist/)", () => {
    const parts = [...partsOf("portico.js").values()].join("\n");
    expect(parts).toContain("UND_ERR_CONNECT_TIMEOUT");
    // Asks for it where it is loaded.
    expect(parts).not.toMatch(/createZstdDecompress\.bind|MockAgent/);
  });
});
