import { describe, expect, it } from "vitest";
import { listeningInodes } from "../../../src/gateway/server/portHolder.ts";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F6D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11111 1 0 100 0 0 10 0
   1: 0100007F:1F6D 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 22222 1 0 20 4 30 10 -1
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 33333 1 0 100 0 0 10 0
`;

describe("listeningInodes", () => {
  it("finds listeners on the port and not its connections", () => {
    expect(listeningInodes(table, 8045)).toEqual(["11111"]);
    expect(listeningInodes(table, 22)).toEqual(["33333"]);
    expect(listeningInodes(table, 80)).toEqual([]);
    expect(listeningInodes("", 80)).toEqual([]);
  });
});
