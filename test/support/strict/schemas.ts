/** What providers refuse of a tool's schema, wherever in it. */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every object of the schema, its own included. */
function* objectsIn(value: unknown): Generator<Fields> {
  if (Array.isArray(value)) for (const each of value as readonly unknown[]) yield* objectsIn(each);
  if (!isFields(value)) return;
  yield value;
  for (const each of Object.values(value)) yield* objectsIn(each);
}

/** OpenAI: "array schema missing items", also within a list of types. */
export function arraysWithoutItems(schema: unknown): boolean {
  return [...objectsIn(schema)].some(
    ({ type, items }) =>
      (type === "array" || (Array.isArray(type) && type.includes("array"))) && items === undefined,
  );
}

/** Anthropic: "Property keys should match pattern". @returns those that do not */
export function refusedKeys(schema: unknown): string[] {
  return [...objectsIn(schema)].flatMap(({ properties }) =>
    isFields(properties) ? Object.keys(properties).filter((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key)) : [],
  );
}
