import { describe, expect, it } from "vitest";
import { multipartBoundary, multipartField } from "../../../src/gateway/requests/multipart.ts";

const form = (...parts: string[]) =>
  Buffer.from(`${parts.map((part) => `--b\r\n${part}\r\n`).join("")}--b--\r\n`);
const model = 'Content-Disposition: form-data; name="model"\r\n\r\nwhisper-1';
const file =
  'Content-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--not\r\n\r\n';

describe("multipartField", () => {
  it("finds the field among files", () => {
    const body = form(file, model);
    const span = multipartField(body, "b", "model");
    expect(body.toString("utf8", span?.start, span?.end)).toBe("whisper-1");
  });

  it("does not take a file for the field", () => {
    const named = 'Content-Disposition: form-data; name="model"; filename="x"\r\n\r\nwhisper-1';
    expect(multipartField(form(named), "b", "model")).toBeUndefined();
  });

  it("refuses a field that stands twice", () => {
    expect(() => multipartField(form(model, model), "b", "model")).toThrow(/twice/);
  });

  it("survives forms that are cut anywhere", () => {
    const body = form(file, model);
    for (let end = 0; end < body.length; end++) multipartField(body.subarray(0, end), "b", "model");
  });
});

describe("multipartBoundary", () => {
  it("reads quoted and plain boundaries", () => {
    expect(multipartBoundary("multipart/form-data; boundary=abc")).toBe("abc");
    expect(multipartBoundary('Multipart/Form-Data; charset=x; boundary="a b"')).toBe("a b");
    expect(multipartBoundary("application/json")).toBeUndefined();
  });
});
