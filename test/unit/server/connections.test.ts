import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { Connections } from "../../../src/gateway/server/connections.ts";

const IDLE_MS = 100;
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe("bodies that stop arriving", () => {
  it("are found once nothing has come for so long, and no sooner", async () => {
    const connections = new Connections(10, () => {});
    const server = createServer((request, response) => {
      connections.begin(request, response);
      request.resume();
    });
    connections.watch(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => server.close());
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    ends.push(() => client.destroy());
    client.on("error", () => {});
    const asked = once(server, "request") as Promise<[IncomingMessage]>;
    const head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\n";
    client.write(`${head}a`);
    const [{ socket }] = await asked;
    const arrived = async (bytes: number) => {
      while (socket.bytesRead < head.length + bytes) await turn();
    };
    await arrived(1);
    const stalled = (now: number) => connections.stalled(now, IDLE_MS);
    expect(stalled(0)).toEqual([]);
    expect(stalled(99)).toEqual([]);
    client.write("b");
    await arrived(2);
    expect(stalled(150)).toEqual([]);
    expect(stalled(249)).toEqual([]);
    expect(stalled(250)).toEqual([socket]);
    client.write("c");
    await arrived(3);
    // What is whole waits for its reply, however long that takes.
    expect(stalled(10_000)).toEqual([]);
    expect(stalled(20_000)).toEqual([]);
  });
});
