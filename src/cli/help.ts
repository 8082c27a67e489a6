/** The help's text, made from the tables, so that it is true. What they say is translated here. */
import { t } from "@vscode/l10n";
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
import { widthOf } from "./screen.ts";

const WIDTH = 100;

/** @param topic absent: all commands */
export function helpText(topic?: Topic): string {
  if (topic === undefined) return overview();
  if (isFamily(topic)) return family(topic);
  const spec: CommandSpec = COMMANDS[topic];
  const lines = [
    usage(`${topic} ${spec.usage}`),
    "",
    `${sentence(t(spec.says))}`,
    "",
    t("Options:"),
    ...table([...spec.options, "help" as const].map((name) => [written(name), saysOf(spec, name)])),
  ];
  if (spec.more !== undefined) lines.push("", ...spec.more.flatMap((text) => wrap(t(text), WIDTH)));
  return `${lines.join("\n")}\n`;
}

function overview(): string {
  const lines = [
    t("Portico, a local AI gateway: one address for OpenAI, Anthropic and Gemini clients."),
    "",
    usage("COMMAND [options]"),
    "",
    t("Commands:"),
    ...commands(NAMES),
    "",
    t("Options:"),
    ...table((["help", "version"] as const).map((name) => [written(name), t(OPTIONS[name].says)])),
    "",
    ...wrap(
      t(
        "portico COMMAND --help says more. Commands find the gateway that runs on this computer by themselves; where none does, they work on the data folder.",
      ),
      WIDTH,
    ),
    t("Exit codes: 0 done, 1 failed, 2 called wrongly."),
  ];
  return `${lines.join("\n")}\n`;
}

function family(name: string): string {
  const members = membersOf(name);
  const lines = [
    usage(`${name} ${members.map((each) => each.slice(name.length + 1)).join("|")} [options]`),
    "",
    ...commands(members),
    "",
    t("{0} says more, and so with the others.", `portico ${members[0]} --help`),
  ];
  return `${lines.join("\n")}\n`;
}

function commands(names: readonly CommandName[]): string[] {
  return table(
    names.map((name) => [
      `${name} ${COMMANDS[name].usage.replace(/ ?\[options\]/, "")}`.trim(),
      t(COMMANDS[name].says),
    ]),
  );
}

function saysOf(spec: CommandSpec, name: OptionName): string {
  return t(spec.own?.[name] ?? OPTIONS[name].says);
}

function written(name: OptionName): string {
  const option: Option = OPTIONS[name];
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${name}${option.value === undefined ? "" : ` ${option.value}`}`;
}

const usage = (rest: string): string => t("Usage: {0}", `portico ${rest}`);

function sentence(text: string): string {
  const end = /[。.]$/.test(text) ? "" : /\p{Script=Han}$/u.test(text) ? "。" : ".";
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${end}`;
}

/** Two columns, the second wrapped. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, says]) =>
    wrap(says, WIDTH - left).map((line, index) => `${(index === 0 ? `  ${name}` : "").padEnd(left)}${line}`),
  );
}

/** At spaces, and between Chinese characters, which have none; a sign stays with what it ends. */
const PIECES = /\s*(?:\p{Script=Han}[、。，；：！？）」”]*|(?:(?!\p{Script=Han})\S)+)/gu;

function wrap(text: string, width: number): string[] {
  if (text === "") return [""];
  const lines: string[] = [];
  let line = "";
  for (const piece of text.match(PIECES) ?? []) {
    if (line !== "" && widthOf(line) + widthOf(piece) > width) {
      lines.push(line);
      line = piece.trimStart();
    } else line += line === "" ? piece.trimStart() : piece;
  }
  return [...lines, line];
}
