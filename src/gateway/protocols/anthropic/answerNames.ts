/** Names of properties in an answer by a schema, where Anthropic refuses the client's own: other ones there, and back. */
import type { ChatEvent, ChatRequest } from "../chat.ts";
import { ANTHROPIC_PROPERTY, renameProperties } from "../propertyNames.ts";
import { KeyRenamer } from "../renamedKeys.ts";

type Names = ReadonlyMap<string, string>;

/** The client's names by those that the model writes; `undefined`: they are the same. */
export function answerNames({ responseFormat, extra }: ChatRequest): Names | undefined {
  if (responseFormat?.type !== "json-schema" || extra?.protocol === "anthropic") return undefined;
  return renameProperties(responseFormat.schema, ANTHROPIC_PROPERTY)?.original;
}

/** A whole text with the client's names. */
export function withNames(text: string, names: Names | undefined): string {
  if (names === undefined) return text;
  const keys = new KeyRenamer(names);
  return keys.push(text) + keys.end();
}

/** Put every event of a reply through it. */
export function nameRestorer(names: Names): (event: ChatEvent) => ChatEvent[] {
  const texts = new Map<string, KeyRenamer>();
  return (event) => {
    switch (event.type) {
      case "text-start":
        if (event.refusal !== true) texts.set(event.id, new KeyRenamer(names));
        return [event];
      case "text-delta": {
        const text = texts.get(event.id)?.push(event.text) ?? event.text;
        return text === "" ? [] : [{ ...event, text }];
      }
      case "text-end": {
        const text = texts.get(event.id)?.end() ?? "";
        texts.delete(event.id);
        return text === "" ? [event] : [{ type: "text-delta", id: event.id, text }, event];
      }
      default:
        return [event];
    }
  };
}
