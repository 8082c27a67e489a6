/** What is known of a Gemini model from its name alone. Sources: Google's model pages. */

/** `models/x` and `publishers/google/models/x` as `x`. */
export function bareModel(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1).toLowerCase();
}

/** 2, 2.5, 3, 3.1 … from `gemini-2.5-pro`; `undefined` for aliases (`gemini-flash-latest`) and other names. */
export function generation(model: string): number | undefined {
  const found = /gemini-(\d+(?:\.\d+)?)/.exec(bareModel(model))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A Gemini (or Gemma) model older than `version`. Names that say no version count as new. */
export function olderThan(model: string, version: number): boolean {
  const number = generation(model);
  return number === undefined ? bareModel(model).startsWith("gemma") : number < version;
}

/** The most tokens a model may be asked to write; `undefined` where the name does not tell. */
export function outputLimit(model: string): number | undefined {
  const number = generation(model);
  if (number === undefined) return undefined;
  return number < 2.5 ? 8_192 : 65_536;
}
