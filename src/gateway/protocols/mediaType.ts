/** Media types as targets know them, whatever the client called them. */

const BY_EXTENSION: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  xml: "application/xml",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  mp4: "video/mp4",
};
/** Says nothing of what is inside. */
const BYTES = new Set(["", "application/octet-stream", "binary/octet-stream"]);
/** Names that no provider takes, by the one that all do. */
const ALIASES: Readonly<Record<string, string>> = { "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg" };

/** The media type of bytes: as they were called, else by the file's name. `""` where nobody knows. */
export function mediaTypeOf(called: string | undefined, name?: string): string {
  const type = called?.trim().toLowerCase() ?? "";
  if (!BYTES.has(type)) return ALIASES[type] ?? called ?? "";
  const extension = name?.split(".").pop()?.toLowerCase() ?? "";
  return BY_EXTENSION[extension] ?? type;
}
