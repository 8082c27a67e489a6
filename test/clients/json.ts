/** Reading JSON of unknown shape: what is not there is empty, nothing throws. */
export type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const fields = (value: unknown): Fields => (isFields(value) ? value : {});
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The texts of a content that is a string or a list of parts with a `text`. */
export function texts(content: unknown): string {
  if (typeof content === "string") return content;
  return list(content)
    .map((part) => text(fields(part).text))
    .join("\n");
}
