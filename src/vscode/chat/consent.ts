/** Which extensions may spend what the accounts allow: VS Code itself asks nobody. */

/** VS Code's own chat, which the person sees. */
const BUILT_IN = /^(?:github\.copilot(?:-chat)?|vscode\.[\w-]+|core)$/i;

export const isBuiltIn = (extension: string): boolean => BUILT_IN.test(extension);

export interface ConsentDeps {
  /** Answers that were given before, by the extension's id. */
  answers(): Readonly<Record<string, boolean>>;
  keep(extension: string, allowed: boolean): Promise<void>;
  /** `undefined`: closed without an answer. */
  ask(extension: string): Promise<boolean | undefined>;
  /** A request does not hang on a notice that nobody sees: it is refused then, and an answer that comes later counts. */
  tired(): Promise<void>;
}

export class Consent {
  readonly #deps: ConsentDeps;
  /** Requests that come while a question is open wait for its answer. */
  readonly #open = new Map<string, Promise<boolean>>();

  constructor(deps: ConsentDeps) {
    this.#deps = deps;
  }

  /** @param extension who asks; absent in a VS Code that does not say */
  async allows(extension: string | undefined): Promise<boolean> {
    const id = extension ?? "unknown";
    if (isBuiltIn(id)) return true;
    const answers = this.#deps.answers();
    const known = Object.keys(answers).find((each) => each.toLowerCase() === id.toLowerCase());
    if (known !== undefined) return answers[known] === true;
    const open = this.#open.get(id) ?? this.#ask(id).finally(() => this.#open.delete(id));
    this.#open.set(id, open);
    return await Promise.race([open, this.#deps.tired().then(() => false)]);
  }

  async #ask(id: string): Promise<boolean> {
    const answer = await this.#deps.ask(id);
    // Who just closes the question is asked again.
    if (answer !== undefined) await this.#deps.keep(id, answer);
    return answer ?? false;
  }
}
