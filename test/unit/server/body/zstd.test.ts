import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { ZstdFrames } from "../../../../src/gateway/server/body/zstd.ts";
import fc from "../../../support/property.ts";

async function passes(data: Buffer, piece: number): Promise<boolean> {
  const frames = new ZstdFrames();
  const out: Buffer[] = [];
  frames.on("data", (chunk: Buffer) => out.push(chunk));
  const ended = new Promise<boolean>((resolve) => {
    frames.once("end", () => resolve(true)).once("error", () => resolve(false));
  });
  for (let at = 0; at < data.length; at += piece) frames.write(data.subarray(at, at + piece));
  frames.end();
  const whole = await ended;
  if (whole) expect(Buffer.concat(out)).toEqual(data);
  return whole;
}

describe.skipIf(!("zstdCompressSync" in zlib))("ZstdFrames (needs Node 22.15)", () => {
  it("passes whole frames and notices a cut anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (bytes, checksum, piece, cut) => {
          const params = { [zlib.constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 };
          const frame = zlib.zstdCompressSync(bytes, { params });
          expect(await passes(frame, piece)).toBe(true);
          expect(await passes(Buffer.concat([frame, frame]), piece)).toBe(true);
          const short = Math.max(1, Math.floor(frame.length * cut));
          expect(await passes(frame.subarray(0, short), piece)).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("walks over several blocks and frames to skip", async () => {
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 7919) >> 3));
    const frame = zlib.zstdCompressSync(noise);
    const skippable = Buffer.concat([Buffer.from("502a4d1803000000", "hex"), Buffer.from("abc")]);
    const data = Buffer.concat([skippable, frame, skippable]);
    for (const piece of [1000, 65_536, data.length]) expect(await passes(data, piece)).toBe(true);
    expect(await passes(data.subarray(0, -1), 1000)).toBe(false);
  });

  it("leaves what is no zstd to the decoder", async () => {
    expect(await passes(Buffer.from("this is something else"), 4)).toBe(true);
  });
});
