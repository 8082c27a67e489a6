/** The help's text, made from the tables, so that it is true. */
import {
  COMMANDS,
  type CommandName,
  type CommandSpec,
  isFamily,
  membersOf,
  NAMES,
  OPTIONS,
  type Option,
  type OptionName,
  type Topic,
} from "./options.ts";

const WIDTH = 100;

/** @param topic absent: all commands */
export function helpText(topic?: Topic): string {
  if (topic === undefined) return overview();
  if (isFamily(topic)) return family(topic);
  const spec: CommandSpec = COMMANDS[topic];
  const lines = [
    `Usage: portico ${topic} ${spec.usage}`,
    "",
    `${sentence(spec.says)}`,
    "",
    "Options:",
    ...table([...spec.options, "help" as const].map((name) => [written(name), saysOf(spec, name)])),
  ];
  if (spec.more !== undefined) lines.push("", ...spec.more);
  return `${lines.join("\n")}\n`;
}

function overview(): string {
  const lines = [
    "Portico, a local AI gateway: one address for OpenAI, Anthropic and Gemini clients.",
    "",
    "Usage: portico COMMAND [options]",
    "",
    "Commands:",
    ...commands(NAMES),
    "",
    "Options:",
    ...table((["help", "version"] as const).map((name) => [written(name), OPTIONS[name].says])),
    "",
    "portico COMMAND --help says more. Commands find the gateway that runs on this computer by",
    "themselves; where none does, they work on the data folder.",
    "Exit codes: 0 done, 1 failed, 2 called wrongly.",
  ];
  return `${lines.join("\n")}\n`;
}

function family(name: string): string {
  const members = membersOf(name);
  const lines = [
    `Usage: portico ${name} ${members.map((each) => each.slice(name.length + 1)).join("|")} [options]`,
    "",
    ...commands(members),
    "",
    `portico ${members[0]} --help says more, and so with the others.`,
  ];
  return `${lines.join("\n")}\n`;
}

function commands(names: readonly CommandName[]): string[] {
  return table(
    names.map((name) => [
      `${name} ${COMMANDS[name].usage.replace(/ ?\[options\]/, "")}`.trim(),
      COMMANDS[name].says,
    ]),
  );
}

function saysOf(spec: CommandSpec, name: OptionName): string {
  return spec.own?.[name] ?? OPTIONS[name].says;
}

function written(name: OptionName): string {
  const option: Option = OPTIONS[name];
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${name}${option.value === undefined ? "" : ` ${option.value}`}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Two columns, the second wrapped. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, says]) =>
    wrap(says, WIDTH - left).map((line, index) => `${(index === 0 ? `  ${name}` : "").padEnd(left)}${line}`),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
