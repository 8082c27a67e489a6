/** A document as text, for targets that have no documents: with its title, and where it is from. */
import type { DocumentPart } from "./chat.ts";

export function documentText({ title, name, context }: DocumentPart, text: string): string {
  return [title ?? name, context, text].filter((line) => line !== undefined && line !== "").join("\n\n");
}
