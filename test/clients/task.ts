/** What the agents are made to do, step by step, from what their own tools gave so far. */
import type { Agent } from "./agents/agent.ts";
import type { OfferedTool, Step, Turn } from "./wires/wire.ts";

/** A file of the project with a secret word in it, or a vault that only a tool can open. */
export interface Task {
  /**
   * `read`: say the word; `edit`: read, change the word in the file, say both; `find`: search for the tool of the
   * vault, which nobody declares before, use it, say the word.
   */
  readonly kind: "read" | "edit" | "find";
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
  find: "Tell me the secret word of the vault A.",
};

/** The answer that a client has to show at the end. */
export function answer(kind: Task["kind"], word: string): string {
  return kind !== "edit" ? `The word is ${word}, grüße 你好.` : `It was ${word}, it is ${changed(word)}.`;
}

/**
 * The next step of the task.
 * @throws Error where the request lacks what the step needs: the tool, or the file's text
 */
export function nextStep(agent: Agent, task: Task, turn: Turn): Step {
  const done = turn.results.length;
  if (task.kind === "find" && done < 2) return search(agent, turn);
  if (done === 0) return use(agent, "read", task, "", turn.tools);
  const result = turn.results[task.kind === "find" ? 1 : 0] ?? "";
  const word = WORD.exec(result)?.[1];
  if (word === undefined) throw new Error(`the word is not in the tool's result: ${result}`);
  if (task.kind === "edit" && done === 1) return use(agent, "edit", task, word, turn.tools);
  return { kind: "say", text: answer(task.kind, word) };
}

/** The tool that tells the word. */
const VAULT_TOOL = "secret_word";

/** Searches for the vault's tool, and then calls what was found: a model can call only what is declared to it. */
function search(agent: Agent, { tools, results }: Turn): Step {
  const found = tools.find(({ name }) => name.endsWith(VAULT_TOOL));
  if (results.length > 0) {
    if (found === undefined) throw new Error(`what was found is not declared: ${namesOf(tools)}`);
    return { kind: "call", tool: found, input: { vault: "A" } };
  }
  if (found !== undefined) throw new Error("the vault's tool is declared before anybody searched for it");
  const tool = tools.find(({ name }) => name === agent.searchTool);
  if (tool === undefined) throw new Error(`no tool to search with among ${namesOf(tools)}`);
  return { kind: "call", tool, input: { query: "secret word of a vault" } };
}

const namesOf = (tools: readonly OfferedTool[]): string => tools.map(({ name }) => name).join(", ");

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
  throw new Error(`no tool to ${what} a file with among ${namesOf(offered)}`);
}
