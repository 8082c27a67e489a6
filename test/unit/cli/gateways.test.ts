/** Finding the gateway that runs, above all one that lives and is slow to answer. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openGateway } from "../../../src/cli/connect.ts";
import { foldersOf } from "../../../src/cli/folders.ts";
import { findGateway } from "../../../src/cli/gateways.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { writeAddress } from "../../../src/gateway/controlServer/address.ts";
import { advertise } from "../../../src/gateway/controlServer/discovery.ts";
import { openControlServer } from "../../../src/gateway/controlServer/server.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
let folder: string;
let data: string;
let silent: Server;
let sockets: Socket[];
/** Somebody came. */
let came: Promise<Socket>;

/** Takes connections and says nothing. */
beforeEach(async () => {
  folder = makeFolder("gateways");
  data = join(folder, "data");
  await mkdir(data);
  sockets = [];
  silent = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  came = new Promise((resolve) => silent.once("connection", resolve));
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  const { port } = silent.address() as AddressInfo;
  await writeAddress(join(data, "gateway.json"), {
    pid: process.pid,
    version: "1",
    address: `ws://127.0.0.1:${port}`,
    token: "t".repeat(43),
  });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => silent.close(done));
  await removeFolder(folder);
});

const find = (waitMs: number, usual = data) =>
  findGateway({ folders: { data: usual, runtime: join(folder, "run") }, only: usual === data, waitMs });

describe("a gateway that does not answer", () => {
  it("is named where it lives, and nobody works behind its back", async () => {
    const leadership = tryLead(join(data, "leader.db"));
    await expect(find(50)).rejects.toThrow(new RegExp(`pid ${process.pid}\\), but does not answer`));

    // It is found by its word as well: then the usual folder is not worked on instead.
    const env = {
      PORTICO_DATA_DIR: join(folder, "usual"),
      XDG_RUNTIME_DIR: join(folder, "run"),
      LOCALAPPDATA: join(folder, "run"),
    };
    await advertise(foldersOf(undefined, env).runtime, { pid: process.pid, dataDir: data, since: 1 });
    const steered = openGateway({ dataDir: undefined, env, write: () => {}, waitMs: 50 });
    await expect(steered).rejects.toThrow("does not answer");
    expect(existsSync(env.PORTICO_DATA_DIR)).toBe(false);
    leadership?.release();
  });

  it("is not one where its process is gone and a stranger has its port", async () => {
    tryLead(join(data, "leader.db"))?.release();
    expect(await find(50)).toBeUndefined();
  });

  it("is waited for", async () => {
    const server = await openControlServer({
      serve: () => async () => undefined,
      log,
      version: "1",
      addressFile: join(data, "gateway.json"),
    });
    const { port } = new URL(server.address.address);
    const leadership = tryLead(join(data, "leader.db"));
    // Between them is somebody who passes nothing on for a while.
    await writeAddress(join(data, "gateway.json"), {
      ...server.address,
      address: `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    const found = find(60_000);
    const client = await came;
    const onward = connect(Number(port), "127.0.0.1");
    sockets.push(onward.on("error", () => {}));
    onward.on("connect", () => {
      client.on("data", (bytes: Buffer) => {
        onward.write(String(bytes).replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${port}`));
      });
      onward.on("data", (bytes: Buffer) => void client.write(bytes));
    });
    const gateway = await found;
    expect(gateway?.dataDir).toBe(data);
    await gateway?.[Symbol.asyncDispose]();
    await server.close();
    leadership?.release();
  });
});
