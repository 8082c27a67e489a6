import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { asPorticoError } from "../../../../src/gateway/common/errors.ts";
import { BodyBudget, readBody } from "../../../../src/gateway/server/body/read.ts";
import fc from "../../../support/property.ts";

function request(
  chunks: readonly Buffer[],
  headers: Record<string, string> = {},
  complete = true,
): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  for (const chunk of chunks) message.push(chunk);
  if (complete) {
    message.complete = true;
    message.push(null);
  }
  return message;
}

describe("readBody", () => {
  it("hands on the one chunk of a small body without a copy", async () => {
    const chunk = Buffer.from("only one");
    expect(await readBody(request([chunk]), {})).toBe(chunk);
  });

  it("joins several chunks", async () => {
    expect(
      (
        await readBody(request([Buffer.from("na\xc3", "latin1"), Buffer.from("\xafve", "latin1")]), {})
      ).toString(),
    ).toBe("naïve");
  });

  it("takes exactly the limit and no byte more, raw and inflated", async () => {
    const data = Buffer.alloc(5000);
    const gzip = { "content-encoding": "gzip" };
    expect(await readBody(request([data]), { bodyBytes: 5000 })).toHaveLength(5000);
    expect(await readBody(request([zlib.gzipSync(data)], gzip), { bodyBytes: 5000 })).toHaveLength(5000);
    for (const message of [request([data], {}, false), request([zlib.gzipSync(data)], gzip, false)]) {
      await expect(readBody(message, { bodyBytes: 4999 })).rejects.toMatchObject({
        kind: "too_large",
        status: 413,
      });
      expect(message.destroyed).toBe(false);
    }
  });

  it("counts what it holds in the lease, also when it fails", async () => {
    const budget = new BodyBudget(1000);
    const lease = budget.lease();
    await readBody(request([Buffer.alloc(400)]), { lease });
    expect(lease.bytes).toBe(400);
    const second = budget.lease();
    await expect(
      readBody(request([Buffer.alloc(500), Buffer.alloc(500)]), { lease: second }),
    ).rejects.toMatchObject({
      status: 503,
    });
    second.release();
    expect(budget.held).toBe(400);
    await expect(
      readBody(request([], { "content-length": "700" }), { lease: budget.lease() }),
    ).rejects.toMatchObject({
      status: 503,
    });
  });

  it("rejects with the signal's reason, before and while it reads", async () => {
    const reason = new Error("stopping");
    await expect(readBody(request([Buffer.alloc(1)]), {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const reading = readBody(request([Buffer.alloc(1)], {}, false), {}, controller.signal);
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it("rejects with an abort error for a client that is gone already", async () => {
    const message = request([Buffer.alloc(1)], {}, false);
    message.destroy();
    await expect(readBody(message, {})).rejects.toMatchObject({ name: "AbortError" });
  });

  it("does not wait for a body that was read already", async () => {
    const message = request([Buffer.alloc(1)]);
    await readBody(message, {});
    await expect(readBody(message, {})).rejects.toThrow("already");
  });

  it("never fails with a fault of ours, whatever the bytes and the encoding", async () => {
    const coding = fc.constantFrom(
      "gzip",
      "br",
      "deflate",
      "x-gzip",
      "gzip, br",
      "identity",
      "nope",
      "deflate,deflate",
    );
    const bytes = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(coding, bytes, async (encoding, chunks) => {
        const message = request(
          chunks.map((chunk) => Buffer.from(chunk)),
          { "content-encoding": encoding },
        );
        const status = await readBody(message, { bodyBytes: 100 }).then(
          () => 200,
          (error: unknown) => asPorticoError(error).status,
        );
        expect([200, 400, 413, 415]).toContain(status);
      }),
      { numRuns: 300 },
    );
  });
});
