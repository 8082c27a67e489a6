/**
 * JSON schemas and descriptions under which client-run tools are offered to a model whose protocol
 * only has functions. The property names are those of the tool's own call, so that a call's
 * arguments are at once the canonical input of that tool. Sources: the tool and call types of the
 * official `openai` (responses) and `@anthropic-ai/sdk` packages.
 */
import { isRecord } from "../common/json.ts";
import type { ClientToolKind } from "./chat.ts";

export interface FunctionShape {
  description: string;
  parameters: Readonly<Record<string, unknown>>;
}

const text = (description: string) => ({ type: "string", description });
const integer = (description: string) => ({ type: "integer", description });
const list = (items: unknown, description: string) => ({ type: "array", items, description });
const choice = (values: readonly string[], description: string) => ({
  type: "string",
  enum: values,
  description,
});

function object(properties: Readonly<Record<string, unknown>>, required: readonly string[]) {
  return { type: "object", properties, required, additionalProperties: false };
}

/** The one argument of a free-text tool that is offered as a function. */
export const CUSTOM_PARAMETERS = object({ input: text("The whole input of the tool, as free text.") }, [
  "input",
]);

const FILE_COMMANDS = {
  path: text("Absolute path."),
  file_text: text("`create`: content of the new file."),
  old_str: text("`str_replace`: the text to replace; it occurs exactly once."),
  new_str: text("`str_replace`: the new text. `insert` of older versions: the text to insert."),
  insert_line: integer("`insert`: the line after which to insert; 0 is the start."),
  insert_text: text("`insert`: the text to insert."),
  view_range: list({ type: "integer" }, "`view`: first and last line; -1 means the end."),
};

const SHAPES: Readonly<Record<Exclude<ClientToolKind, "computer" | "tool_search">, FunctionShape>> = {
  local_shell: {
    description: "Runs one command on the user's machine and returns its output.",
    parameters: object(
      {
        command: list({ type: "string" }, 'The program and its arguments, e.g. ["bash", "-lc", "ls"].'),
        working_directory: text("Where to run it."),
        timeout_ms: integer("Time limit in milliseconds."),
        env: {
          type: "object",
          additionalProperties: { type: "string" },
          description: "Additional environment variables.",
        },
      },
      ["command"],
    ),
  },
  shell: {
    description: "Runs shell commands on the user's machine and returns their output.",
    parameters: object(
      {
        commands: list({ type: "string" }, "Shell command lines; they may run side by side."),
        timeout_ms: integer("Time limit in milliseconds."),
        max_output_length: integer("At most this many characters of output are returned."),
      },
      ["commands"],
    ),
  },
  apply_patch: {
    description:
      "Creates, updates or deletes one file. A diff has no file header: `@@` starts a section (optionally " +
      "followed by a line that occurs above it), and its lines begin with a space (context), `-` (removed) " +
      "or `+` (added). A new file's diff has `+` lines only.",
    parameters: object(
      {
        type: choice(["create_file", "update_file", "delete_file"], "What to do."),
        path: text("Path of the file, relative to the workspace."),
        diff: text("The diff; not for `delete_file`."),
      },
      ["type", "path"],
    ),
  },
  bash: {
    description: "Runs a command in a persistent bash session on the user's machine.",
    parameters: object(
      { command: text("The command."), restart: { type: "boolean", description: "Restarts the session." } },
      [],
    ),
  },
  text_editor: {
    description: "Views, creates and edits text files on the user's machine.",
    parameters: object(
      {
        command: choice(["view", "create", "str_replace", "insert", "undo_edit"], "What to do."),
        ...FILE_COMMANDS,
      },
      ["command", "path"],
    ),
  },
  memory: {
    description: "Keeps notes in files under /memories that last beyond this conversation.",
    parameters: object(
      {
        command: choice(["view", "create", "str_replace", "insert", "delete", "rename"], "What to do."),
        ...FILE_COMMANDS,
        old_path: text("`rename`: the path now."),
        new_path: text("`rename`: the new path."),
      },
      ["command"],
    ),
  },
};

const point = list({ type: "integer" }, "x and y in pixels.");

function computer(raw: Readonly<Record<string, unknown>>): FunctionShape {
  const width = raw.display_width_px ?? raw.display_width;
  const height = raw.display_height_px ?? raw.display_height;
  const size =
    typeof width === "number" && typeof height === "number" ? ` of ${width} x ${height} pixels` : "";
  const description = `Acts on the user's screen${size} and returns a screenshot.`;
  const ofAnthropic = typeof raw.type === "string" && raw.type.startsWith("computer_2");
  if (!ofAnthropic) {
    const action = {
      type: "object",
      properties: {
        type: choice(
          ["click", "double_click", "drag", "keypress", "move", "screenshot", "scroll", "type", "wait"],
          "What to do.",
        ),
        x: integer("In pixels."),
        y: integer("In pixels."),
        button: choice(["left", "right", "wheel", "back", "forward"], "`click`: which button."),
        keys: list({ type: "string" }, "`keypress`: the keys."),
        path: list(
          object({ x: { type: "integer" }, y: { type: "integer" } }, ["x", "y"]),
          "`drag`: the way.",
        ),
        scroll_x: integer("`scroll`: to the side."),
        scroll_y: integer("`scroll`: down."),
        text: text("`type`: the text."),
      },
      required: ["type"],
    };
    return { description, parameters: object({ actions: list(action, "Done in this order.") }, ["actions"]) };
  }
  const parameters = object(
    {
      action: text("`screenshot`, `left_click`, `type`, `key`, `mouse_move`, `scroll`, `wait`, `zoom`, …"),
      coordinate: point,
      start_coordinate: point,
      text: text("Text to type, or the keys."),
      scroll_direction: choice(["up", "down", "left", "right"], "`scroll`: where to."),
      scroll_amount: integer("`scroll`: how many clicks."),
      duration: { type: "number", description: "`wait`, `hold_key`: seconds." },
      region: list({ type: "integer" }, "`zoom`: x1, y1, x2, y2."),
    },
    ["action"],
  );
  return { description, parameters };
}

function toolSearch(raw: Readonly<Record<string, unknown>>): FunctionShape {
  const given = raw.parameters;
  return {
    description:
      typeof raw.description === "string"
        ? raw.description
        : "Finds tools that are not listed yet and loads them.",
    parameters: isRecord(given) ? given : object({ query: text("What the tool should do.") }, ["query"]),
  };
}

/** How a client-run tool looks as a function. `raw` is the tool as its protocol declares it. */
export function clientToolShape(kind: ClientToolKind, raw: Readonly<Record<string, unknown>>): FunctionShape {
  if (kind === "computer") return computer(raw);
  if (kind === "tool_search") return toolSearch(raw);
  return SHAPES[kind];
}
