/** What the agents are made to do, step by step, from what their own tools gave so far. */
import type { Agent } from "./agents/agent.ts";
import type { OfferedTool, Step, Turn } from "./wires/wire.ts";

/** A file of the project with a secret word in it. */
export interface Task {
  /** `read`: say the word; `edit`: read, change the word in the file, say both. */
  readonly kind: "read" | "edit";
  /** Absolute path. */
  readonly file: string;
}

/** What the edited file has instead of `word`. */
export const changed = (word: string): string => `${word}-changed`;

export const fileText = (word: string): string => `First line.\nThe secret word is ${word}.\nLast line.\n`;

export const newWord = (): string => `word${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;

const WORD = /The secret word is (word[0-9a-f]{16})\b/;

export const PROMPTS: Readonly<Record<Task["kind"], string>> = {
  read: "Read the file secret.txt in this folder and tell me the secret word in it.",
  edit: "Read the file secret.txt in this folder, append -changed to the secret word in it, and tell me both words.",
};

/** The answer that a client has to show at the end. */
export function answer(kind: Task["kind"], word: string): string {
  return kind === "read" ? `The word is ${word}, grüße 你好.` : `It was ${word}, it is ${changed(word)}.`;
}

/**
 * The next step of the task.
 * @throws Error where the request lacks what the step needs: the tool, or the file's text
 */
export function nextStep(agent: Agent, task: Task, turn: Turn): Step {
  const done = turn.results.length;
  if (done === 0) return use(agent, "read", task, "", turn.tools);
  const word = WORD.exec(turn.results[0] ?? "")?.[1];
  if (word === undefined) throw new Error(`the file's text is not in the tool's result: ${turn.results[0]}`);
  if (task.kind === "edit" && done === 1) return use(agent, "edit", task, word, turn.tools);
  return { kind: "say", text: answer(task.kind, word) };
}

function use(
  agent: Agent,
  what: "read" | "edit",
  task: Task,
  word: string,
  offered: readonly OfferedTool[],
): Step {
  for (const [name, input] of Object.entries(agent[what])) {
    // The gateway may have put a namespace before the name.
    const tool =
      offered.find((each) => each.name === name) ?? offered.find((each) => each.name.endsWith(`__${name}`));
    if (tool !== undefined) return { kind: "call", tool, input: input(task.file, word) };
  }
  throw new Error(`no tool to ${what} a file with among ${offered.map(({ name }) => name).join(", ")}`);
}
