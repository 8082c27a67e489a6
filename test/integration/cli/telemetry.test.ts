/** `portico serve` with a receiver of traces: by its config file, by the environment, and without one. */
import { writeFile } from "node:fs/promises";
import module from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeCertificate, openssl } from "../../support/certificate.ts";
import { dist, isBuilt } from "../../support/dist.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startReceiver, treeOf } from "../../support/otlpReceiver.ts";
import { leaksInFolder, seededSecret } from "../../support/secrets.ts";
import { startSocksServer } from "../../support/socksServer.ts";
import { ask, start } from "./program.ts";

vi.setConfig({ testTimeout: 240_000 });

let folder = "";
beforeEach(() => {
  folder = makeFolder("telemetry");
});
afterEach(() => removeFolder(folder));

const serve = (config?: string) => [
  ...["serve", "--port", "0", "--data-dir", join(folder, "data")],
  ...(config === undefined ? [] : ["--config", config]),
];

/** A module that says of each module that it was loaded. */
const TELLS_LOADED = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from "node:module";
  registerHooks({ load(url, context, next) { process.stderr.write("loaded " + url + "\\n"); return next(url, context); } });`,
)}`;
/** Node 22.15. */
const { registerHooks } = module as Partial<Pick<typeof module, "registerHooks">>;

describe("portico serve", () => {
  it("sends traces as its config file says, also once that changes, and their headers are nowhere else", async () => {
    const first = await startReceiver();
    const second = await startReceiver();
    const config = join(folder, "portico.jsonc");
    const secret = seededSecret("otlp");
    const write = (endpoint: string) =>
      writeFile(
        config,
        JSON.stringify({ telemetry: { endpoint, headers: { authorization: "Bearer ${env:OTLP_TOKEN}" } } }),
      );
    await write(first.url);
    {
      await using program = start(serve(config), { OTLP_TOKEN: secret });
      const base = await program.ready();
      expect((await ask(base, "sandbox/echo")).status).toBe(200);
      await write(second.url);
      await program.says("the changed config file is in force");
      expect((await ask(base, "sandbox/echo")).status).toBe(200);
      program.kill("SIGTERM");
      expect((await program.ended).code).toBe(0);
      expect(program.stderr()).toContain("traces are sent");
    }
    for (const { spans, batches } of [first, second]) {
      expect(treeOf(spans)).toEqual(["server POST /v1/chat/completions", "  client chat sandbox/echo"]);
      expect(batches[0]?.headers.authorization).toBe(`Bearer ${secret}`);
    }
    expect(await leaksInFolder(join(folder, "data"))).toEqual([]);
    await Promise.all([first.close(), second.close()]);
  });

  it.skipIf(!openssl)(
    "finds a receiver by OpenTelemetry's variables, through the proxy and with one's own authority (needs openssl)",
    async () => {
      const { key, cert, certFile } = makeCertificate(folder, "otel.example");
      const receiver = await startReceiver({ key: String(key), cert: String(cert) });
      await using proxy = await startSocksServer();
      const secret = seededSecret("otlp");
      {
        await using program = start(serve(), {
          OTEL_EXPORTER_OTLP_ENDPOINT: `https://otel.example:${receiver.port}/base`,
          OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${secret}`,
          OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
          OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
          OTEL_SERVICE_NAME: "holt",
          ALL_PROXY: `socks5://127.0.0.1:${proxy.port}`,
          NODE_EXTRA_CA_CERTS: certFile,
        });
        const base = await program.ready();
        expect((await ask(base, "sandbox/echo")).status).toBe(200);
        program.kill("SIGTERM");
        await program.ended;
        expect(program.stderr()).toContain("OTEL_EXPORTER_OTLP_PROTOCOL is ignored");
      }
      expect(proxy.asked[0]?.target).toBe(`otel.example:${receiver.port}`);
      expect(treeOf(receiver.spans)).toHaveLength(2);
      expect(receiver.spans[0]?.resource).toMatchObject({ "service.name": "holt" });
      expect(receiver.batches[0]).toMatchObject({
        path: "/base/v1/traces",
        headers: { authorization: `Bearer ${secret}`, "content-encoding": "gzip" },
      });
      await receiver.close();
    },
  );

  describe.each([
    ["from its sources", undefined],
    ...(isBuilt("cli.js") ? [["as it is built", dist("cli.js")] as const] : []),
  ] as const)("%s", (_how, file) => {
    it.skipIf(registerHooks === undefined)(
      "loads what traces need only where there is a receiver",
      async () => {
        const receiver = await startReceiver();
        const loaded = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
          await using program = start(serve(), { NODE_OPTIONS: `--import=${TELLS_LOADED}`, ...env }, file);
          const base = await program.ready();
          expect((await ask(base, "sandbox/echo")).status).toBe(200);
          program.kill("SIGTERM");
          await program.ended;
          const modules = [...program.stderr().matchAll(/^loaded (\S+)$/gm)].map(([, url = ""]) => url);
          expect(modules.length).toBeGreaterThan(5);
          return modules.filter((url) =>
            /otlp-transformer|telemetry\/(?:pipeline|sender)|\/pipeline-/.test(url),
          );
        };
        expect(await loaded({})).toEqual([]);
        expect(await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })).not.toEqual([]);
        expect(treeOf(receiver.spans)).toHaveLength(2);
        await receiver.close();
      },
    );
  });

  it("says what is wrong with a receiver in its config file, and not its headers", async () => {
    const config = join(folder, "portico.jsonc");
    await writeFile(
      config,
      JSON.stringify({ telemetry: { endpoint: "otel.example:4317", headers: { "content-type": "SEEDED" } } }),
    );
    await using program = start(serve(config));
    expect((await program.ended).code).toBe(2);
    expect(program.stderr()).toContain(
      "telemetry.endpoint: must be an address such as http://127.0.0.1:4318",
    );
    expect(program.stderr()).toContain("telemetry.headers");
  });
});
