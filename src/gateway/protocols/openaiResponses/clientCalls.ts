/**
 * Calls of client-run tools as items of their own (`local_shell_call`, `shell_call`,
 * `apply_patch_call`, `computer_call`, `tool_search_call`), and the text of their results. The
 * canonical input of such a call is the JSON of what its item holds.
 */

import { type Fields, fieldsOf, isRecord, listOf, numberOf, parseJson, textOf } from "../../common/json.ts";
import type { ClientToolKind } from "../chat.ts";

/** The kinds this protocol has items for. */
export type ItemToolKind = Extract<
  ClientToolKind,
  "local_shell" | "shell" | "apply_patch" | "computer" | "tool_search"
>;

export const CALL_TYPE: Readonly<Record<ItemToolKind, string>> = {
  local_shell: "local_shell_call",
  shell: "shell_call",
  apply_patch: "apply_patch_call",
  computer: "computer_call",
  tool_search: "tool_search_call",
};
export const TOOL_OF_CALL: Readonly<Record<string, ItemToolKind>> = Object.fromEntries(
  Object.entries(CALL_TYPE).map(([kind, type]) => [type, kind as ItemToolKind]),
);

export function hasItem(kind: ClientToolKind | undefined): kind is ItemToolKind {
  return kind !== undefined && kind in CALL_TYPE;
}

/** JSON text of the canonical input of a call item. */
export function callInput(kind: ItemToolKind, item: Fields): string {
  switch (kind) {
    case "local_shell": {
      const { type: _, ...action } = fieldsOf(item.action);
      return JSON.stringify(action);
    }
    case "shell":
      return JSON.stringify(fieldsOf(item.action));
    case "apply_patch":
      return JSON.stringify(fieldsOf(item.operation));
    case "computer":
      return JSON.stringify(
        Array.isArray(item.actions) ? { actions: item.actions } : { action: item.action ?? null },
      );
    case "tool_search": {
      const given = item.arguments;
      return typeof given === "string" ? given : JSON.stringify(given ?? {});
    }
  }
}

const strings = (value: unknown): string[] =>
  listOf(value).filter((entry): entry is string => typeof entry === "string");

/** A command line as a model may give it: a list, or one text for a shell. */
function commandOf(value: unknown): string[] {
  return typeof value === "string" ? ["bash", "-lc", value] : strings(value);
}

function localShell(input: Fields): Fields {
  const env = Object.entries(fieldsOf(input.env)).filter(([, value]) => typeof value === "string");
  return {
    type: "exec",
    command: commandOf(input.command),
    env: Object.fromEntries(env),
    ...(numberOf(input.timeout_ms) === undefined ? {} : { timeout_ms: input.timeout_ms }),
    ...(textOf(input.user) === undefined ? {} : { user: input.user }),
    ...(textOf(input.working_directory) === undefined ? {} : { working_directory: input.working_directory }),
  };
}

function shell(input: Fields): Fields {
  const commands = typeof input.commands === "string" ? [input.commands] : strings(input.commands);
  return {
    commands,
    timeout_ms: numberOf(input.timeout_ms) ?? null,
    max_output_length: numberOf(input.max_output_length) ?? null,
  };
}

function patch(input: Fields): Fields {
  const path = textOf(input.path) ?? "";
  if (input.type === "delete_file") return { type: "delete_file", path };
  const type = input.type === "create_file" ? "create_file" : "update_file";
  return { type, path, diff: typeof input.diff === "string" ? input.diff : "" };
}

/** The item's own fields for an input, whatever a model made of it. */
export function callFields(kind: ItemToolKind, json: string): Fields {
  const parsed = parseJson(json);
  const input = fieldsOf(parsed);
  switch (kind) {
    case "local_shell":
      return { action: localShell(input) };
    case "shell":
      return { action: shell(input) };
    case "apply_patch":
      return { operation: patch(input) };
    case "computer": {
      const actions = Array.isArray(input.actions) ? { actions: input.actions } : { action: input.action };
      return { ...actions, pending_safety_checks: [] };
    }
    case "tool_search":
      return { arguments: parsed ?? {}, execution: "client" };
  }
}

/** Output of `shell_call_output`, readable. */
export function shellText(output: readonly unknown[]): string {
  const blocks = output.filter(isRecord).map((entry) => {
    const outcome = fieldsOf(entry.outcome);
    const code = numberOf(outcome.exit_code);
    const end = outcome.type === "timeout" ? "[timed out]" : code ? `[exit code ${code}]` : undefined;
    return [textOf(entry.stdout), textOf(entry.stderr), end].filter((line) => line !== undefined).join("\n");
  });
  return blocks.join("\n");
}
