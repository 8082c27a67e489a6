import { expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { protocolCode } from "../../../src/gateway/records/db/codes.ts";

it("a protocol's number in portico.db stays, whatever is added", () => {
  const first = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;
  expect(first.map((protocol) => protocolCode.to(protocol))).toEqual([1, 2, 3, 4]);
  for (const protocol of PROTOCOLS) expect(protocolCode.from(protocolCode.to(protocol))).toBe(protocol);
  expect(protocolCode.to(undefined)).toBe(0);
  for (const none of [0, 99, "1", undefined]) expect(protocolCode.from(none)).toBeUndefined();
});
