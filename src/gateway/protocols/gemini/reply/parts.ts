/** A part of a reply, by what it is. Reads leniently: an odd field must not cost the whole reply. */
import { fieldsOf, isRecord } from "../../../common/json.ts";
import type { AudioPart, ImagePart, ProviderPart, ProviderToolPart, Signature } from "../../chat.ts";
import { fileSource, mediaPart } from "../media.ts";
import { providerTool } from "../providerTools.ts";
import { asSignature } from "../signature.ts";
import { fieldOf, type Json, textOf } from "../values.ts";

export type ReplyPart =
  | { kind: "text" | "thought"; text: string; signature?: Signature }
  | { kind: "call"; call: Json; signature?: Signature }
  | { kind: "whole"; part: ImagePart | AudioPart | ProviderToolPart | ProviderPart };

export function readPart(value: unknown, model: string | undefined): ReplyPart {
  const wire = fieldsOf(value);
  const signature = asSignature(textOf(fieldOf(wire, "thoughtSignature")), model);
  const call = fieldOf(wire, "functionCall");
  if (isRecord(call)) return { kind: "call", call, ...signature };
  const text = textOf(wire.text);
  if (text !== undefined) return { kind: wire.thought === true ? "thought" : "text", text, ...signature };
  const media = wire.thought === true ? undefined : readMedia(wire);
  if (media?.type === "image") return { kind: "whole", part: { ...media, ...signature } };
  if (media?.type === "audio") return { kind: "whole", part: media };
  const part = providerTool(wire) ?? ({ type: "provider", protocol: "gemini", raw: wire } as const);
  return { kind: "whole", part };
}

function readMedia(wire: Json) {
  const inline = fieldsOf(fieldOf(wire, "inlineData"));
  const data = textOf(inline.data);
  if (data !== undefined) {
    const mediaType = textOf(fieldOf(inline, "mimeType")) ?? "application/octet-stream";
    return mediaPart({ kind: "base64", mediaType, data }, mediaType);
  }
  const file = fieldsOf(fieldOf(wire, "fileData"));
  const uri = textOf(fieldOf(file, "fileUri"));
  const mediaType = textOf(fieldOf(file, "mimeType"));
  return uri === undefined ? undefined : mediaPart(fileSource(uri, mediaType), mediaType);
}
