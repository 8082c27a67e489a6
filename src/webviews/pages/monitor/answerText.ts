/** The words of a recorded reply, in whichever protocol, whole or streamed. Pure. */

/** Kinds of parts that are no answer; Responses call the thoughts of open models `reasoning_text`. */
const THOUGHTS = /^(thinking|reasoning)/;

/** `undefined`: it has none that can be read. */
export function answerText(body: string): string | undefined {
  const whole = parse(body);
  const events = whole === undefined ? eventsOf(body) : Array.isArray(whole) ? whole : [whole];
  const words = events.map(textOf).join("");
  return words === "" ? undefined : words;
}

/** Data of server-sent events; what is cut or no JSON is passed over. */
function eventsOf(body: string): unknown[] {
  return body.split(/\r?\n/).flatMap((line) => {
    const event = line.startsWith("data:") ? parse(line.slice(5)) : undefined;
    return event === undefined ? [] : [event];
  });
}

/** What one reply, or one event of a stream, adds to the answer. Sums that events repeat are left out. */
function textOf(event: unknown): string {
  const { type, delta, choices, content, output, candidates } = record(event);
  // Anthropic and OpenAI responses name their deltas.
  if (type === "response.output_text.delta") return word(delta);
  if (type === "content_block_delta") return word(record(delta)["text"]);
  if (typeof type === "string" && type.startsWith("response.")) return "";
  return [
    ...list(choices).map((choice) => {
      const { message, delta: part } = record(choice);
      return partsOf(record(message ?? part)["content"]);
    }),
    partsOf(content),
    ...list(output).map((item) => partsOf(record(item)["content"])),
    ...list(candidates).map((candidate) => partsOf(record(record(candidate)["content"])["parts"])),
  ].join("");
}

function partsOf(content: unknown): string {
  if (typeof content === "string") return content;
  return list(content)
    .map(record)
    .filter(({ thought, type }) => thought !== true && !THOUGHTS.test(word(type)))
    .map(({ text }) => word(text))
    .join("");
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const word = (value: unknown): string => (typeof value === "string" ? value : "");

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
