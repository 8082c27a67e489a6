/** `data:` URLs are read alike, whichever protocol brings them. */
import { expect, it } from "vitest";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { dataUrl, inlined, sourceOfUrl } from "../../../src/gateway/protocols/dataUrl.ts";

const base64 = (mediaType: string, text: string) => ({
  kind: "base64",
  mediaType,
  data: Buffer.from(text).toString("base64"),
});

it("brings its bytes, as base64 or as escaped text", () => {
  expect(sourceOfUrl("data:image/png;base64,AAAA")).toEqual({
    kind: "base64",
    mediaType: "image/png",
    data: "AAAA",
  });
  expect(sourceOfUrl("data:text/csv;charset=utf-8;base64,YQ==")).toEqual(base64("text/csv", "a"));
  expect(sourceOfUrl("data:text/plain,Hello%20World")).toEqual(base64("text/plain", "Hello World"));
  expect(sourceOfUrl("data:,100%")).toEqual(base64("text/plain", "100%"));
  expect(sourceOfUrl("data:")).toEqual(base64("text/plain", ""));
});

it("leaves other URLs, and what a source says of its type where the URL does not", () => {
  expect(sourceOfUrl("https://a/b")).toEqual({ kind: "url", url: "https://a/b" });
  expect(inlined({ kind: "url", url: "data:;base64,AA==", mediaType: "audio/mp3" })).toEqual({
    kind: "base64",
    mediaType: "audio/mp3",
    data: "AA==",
  });
});

it("is written as it is read", () => {
  const url = dataUrl({ kind: "base64", mediaType: "image/png", data: "AAAA" });
  expect(url).toBe("data:image/png;base64,AAAA");
});

it("reaches Gemini as the text that it stands for", () => {
  const context = { model: "gemini-3-pro", stream: false };
  const request = CODECS["openai-chat"].decodeRequest(
    {
      model: "gemini-3-pro",
      messages: [
        {
          role: "user",
          content: [{ type: "image_url", image_url: { url: "data:text/plain,Hello%20World" } }],
        },
      ],
    },
    context,
  );
  const encoded = CODECS.gemini.encodeRequest(request, {
    provider: "google",
    autoCache: false,
    warn: () => {},
  });
  expect(encoded.contents).toEqual([
    {
      role: "user",
      parts: [{ inlineData: { mimeType: "text/plain", data: base64("", "Hello World").data } }],
    },
  ]);
});
