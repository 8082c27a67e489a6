/** Images, documents, audio and video. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";
import { anthropicUser, chatUser, geminiUser, PDF, PNG, responsesUser, WAV } from "../says.ts";

/** All four take addresses themselves; this one would not be fetched in any case. */
const IMAGE_URL = "https://127.0.0.1/a.png";
const text = "What is it?";

export const MEDIA: readonly Feature[] = [
  {
    name: "image, base64",
    group: "Media",
    says: {
      "openai-chat": chatUser(
        { type: "text", text },
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
      ),
      "openai-responses": responsesUser(
        { type: "input_text", text },
        { type: "input_image", image_url: `data:image/png;base64,${PNG}`, detail: "auto" },
      ),
      anthropic: anthropicUser(
        { type: "text", text },
        { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
      ),
      gemini: geminiUser({ text }, { inlineData: { mimeType: "image/png", data: PNG } }),
    },
    gets: {
      "openai-chat": kept({ "messages.0.content.1.image_url.url": `data:image/png;base64,${PNG}` }),
      "openai-responses": kept({ "input.0.content.1.image_url": `data:image/png;base64,${PNG}` }),
      anthropic: kept({
        "messages.0.content.1.source": { type: "base64", media_type: "image/png", data: PNG },
      }),
      gemini: kept({ "contents.0.parts.1.inlineData": { mimeType: "image/png", data: PNG } }),
    },
  },
  {
    name: "image, by URL",
    group: "Media",
    says: {
      "openai-chat": chatUser({ type: "text", text }, { type: "image_url", image_url: { url: IMAGE_URL } }),
      "openai-responses": responsesUser(
        { type: "input_text", text },
        { type: "input_image", image_url: IMAGE_URL, detail: "auto" },
      ),
      anthropic: anthropicUser(
        { type: "text", text },
        { type: "image", source: { type: "url", url: IMAGE_URL } },
      ),
    },
    gets: {
      "openai-chat": kept({ "messages.0.content.1.image_url.url": IMAGE_URL }),
      "openai-responses": kept({ "input.0.content.1.image_url": IMAGE_URL }),
      anthropic: kept({ "messages.0.content.1.source": { type: "url", url: IMAGE_URL } }),
      gemini: kept({ "contents.0.parts.1.fileData.fileUri": IMAGE_URL }),
    },
  },
  {
    name: "image detail",
    group: "Media",
    says: {
      "openai-chat": chatUser(
        { type: "text", text },
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}`, detail: "low" } },
      ),
      "openai-responses": responsesUser(
        { type: "input_text", text },
        { type: "input_image", image_url: `data:image/png;base64,${PNG}`, detail: "low" },
      ),
    },
    gets: {
      "openai-chat": kept({ "messages.0.content.1.image_url.detail": "low" }),
      "openai-responses": kept({ "input.0.content.1.detail": "low" }),
      anthropic: dropped("", /detail/),
      gemini: dropped("", /detail/),
    },
  },
  {
    name: "PDF, base64",
    group: "Media",
    says: {
      "openai-chat": chatUser(
        { type: "text", text },
        { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` } },
      ),
      "openai-responses": responsesUser(
        { type: "input_text", text },
        { type: "input_file", filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` },
      ),
      anthropic: anthropicUser(
        { type: "text", text },
        { type: "document", source: { type: "base64", media_type: "application/pdf", data: PDF } },
      ),
      gemini: geminiUser({ text }, { inlineData: { mimeType: "application/pdf", data: PDF } }),
    },
    gets: {
      "openai-chat": kept({ "messages.0.content.1.file.file_data": `data:application/pdf;base64,${PDF}` }),
      "openai-responses": kept({ "input.0.content.1.file_data": `data:application/pdf;base64,${PDF}` }),
      anthropic: kept({
        "messages.0.content.1.source": { type: "base64", media_type: "application/pdf", data: PDF },
      }),
      gemini: kept({ "contents.0.parts.1.inlineData": { mimeType: "application/pdf", data: PDF } }),
    },
  },
  {
    name: "text document",
    group: "Media",
    says: {
      anthropic: anthropicUser(
        { type: "text", text },
        {
          type: "document",
          title: "notes.txt",
          source: { type: "text", media_type: "text/plain", data: "Some notes" },
        },
      ),
    },
    gets: {
      "openai-chat": mapped("its title and text", { "messages.0.content.1.text": "notes.txt\n\nSome notes" }),
      "openai-responses": mapped("its title and text", {
        "input.0.content.1.text": "notes.txt\n\nSome notes",
      }),
      anthropic: kept({}),
      gemini: mapped("its title and text", { "contents.0.parts.2.text": "Some notes" }),
    },
  },
  {
    name: "audio, base64",
    group: "Media",
    says: {
      "openai-chat": chatUser(
        { type: "text", text },
        { type: "input_audio", input_audio: { data: WAV, format: "wav" } },
      ),
      gemini: geminiUser({ text }, { inlineData: { mimeType: "audio/wav", data: WAV } }),
    },
    gets: {
      "openai-chat": kept({ "messages.0.content.1.input_audio": { data: WAV, format: "wav" } }),
      "openai-responses": dropped("a placeholder text stands in", /audio/),
      anthropic: dropped("a placeholder text stands in", /audio/),
      gemini: kept({ "contents.0.parts.1.inlineData": { mimeType: "audio/wav", data: WAV } }),
    },
  },
  {
    name: "video, base64",
    group: "Media",
    says: { gemini: geminiUser({ text }, { inlineData: { mimeType: "video/mp4", data: WAV } }) },
    gets: {
      "openai-chat": dropped("a placeholder text stands in", /video/),
      "openai-responses": dropped("a placeholder text stands in", /video/),
      anthropic: dropped("a placeholder text stands in", /video/),
      gemini: kept({}),
    },
  },
];
