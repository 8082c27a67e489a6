/** What derives from the gateway's table of settings: parts of four files. */
import * as z from "zod";
import { SETTING_GROUPS } from "../../src/gateway/settings/about.ts";
import { windowSettingsSchema } from "../../src/gateway/settings/settings.ts";
import { rowsOf, SETTINGS, type SettingRow, unitOf } from "../../src/gateway/settings/table.ts";

/** Those of VS Code, in the order in which it shows them. */
const IN_VSCODE = [...rowsOf(windowSettingsSchema), ...SETTINGS].flatMap(({ about, ...row }) =>
  about.home === "vscode" ? [{ ...row, about }] : [],
);

type VsCodeRow = (typeof IN_VSCODE)[number];

/** By path; each makes the file's text as it should be of the text that it has. Biome formats the JSON. */
export const DERIVED: Readonly<Record<string, (text: string) => string>> = {
  "package.json": (text) => {
    const manifest = JSON.parse(text);
    manifest.contributes.configuration = configuration();
    return json(manifest);
  },
  "package.nls.json": (text) => {
    const others = Object.entries(JSON.parse(text)).filter(([key]) => !/^settings?\./.test(key));
    return json({ ...Object.fromEntries(others), ...words() });
  },
  "README.md": (text) =>
    text.replace(/(?<=^\| setting \| default \| meaning \|\n\|---\|---\|---\|\n)(?:\|.*\n)*/m, () =>
      readme(),
    ),
  "src/vscode/host/settingTable.ts": () => settingTable(),
};

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

function configuration(): unknown[] {
  const groups = Object.keys(SETTING_GROUPS).map((group, order) => {
    const own = IN_VSCODE.filter(({ about }) => about.group === group);
    const properties = Object.fromEntries(own.map((row, at) => [`portico.${row.path}`, property(row, at)]));
    return { title: `%settings.${group}%`, order, properties };
  });
  return groups.filter(({ properties }) => Object.keys(properties).length > 0);
}

function property({ path, schema, fallback, about }: VsCodeRow, order: number): Record<string, unknown> {
  const options = Object.keys(about.options ?? {});
  const of = (what: string) => options.map((option) => `%setting.${path}.${option}${what}%`);
  return {
    ...jsonSchema(schema),
    default: fallback,
    scope: "application",
    ...(about.opens ? { ignoreSync: true } : {}),
    order,
    markdownDescription: `%setting.${path}%`,
    ...(options.length === 0 ? {} : { enumItemLabels: of(".label"), markdownEnumDescriptions: of("") }),
  };
}

function jsonSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest.type === "array" ? { ...rest, uniqueItems: true } : rest;
}

function words(): Record<string, string> {
  const groups = Object.entries(SETTING_GROUPS).map(([group, title]) => [`settings.${group}`, title]);
  const entries = IN_VSCODE.flatMap((row) => [
    [`setting.${row.path}`, `${row.about.description}${unitsOf(row)}`],
    ...Object.entries(row.about.options ?? {}).flatMap(([option, { label, text }]) => [
      [`setting.${row.path}.${option}.label`, label],
      [`setting.${row.path}.${option}`, text],
    ]),
  ]);
  return Object.fromEntries([...groups, ...entries]);
}

/** The default once more, as people say it: nobody reads 134217728. */
function unitsOf(row: VsCodeRow): string {
  const { fallback } = row;
  if (typeof fallback !== "number") return "";
  const unit = unitOf(row);
  if (unit === "bytes") return ` ${fallback} is ${sizeOf(fallback)}.`;
  if (unit !== "milliseconds") return "";
  const minutes = fallback / 60_000;
  const [count, word] = minutes >= 1 ? [minutes, "minute"] : [fallback / 1000, "second"];
  return ` ${fallback} is ${count} ${word}${count === 1 ? "" : "s"}.`;
}

function readme(): string {
  const rows = SETTINGS.map((row) => `| \`${row.path}\` | ${fallbackOf(row)} | ${row.about.meaning} |\n`);
  return rows.join("").replaceAll("|  |", "| |");
}

const SIZES = [
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
] as const;
const DAY_MS = 86_400_000;

function sizeOf(value: number): string | undefined {
  const size = SIZES.find(([, bytes]) => value % bytes === 0);
  return size === undefined ? undefined : `${value / size[1]} ${size[0]}`;
}

function fallbackOf(row: SettingRow): string {
  const { fallback, about } = row;
  if (about.otherwise !== undefined || fallback === undefined) return about.otherwise ?? "";
  if (typeof fallback === "number" && unitOf(row) === "bytes") {
    const size = sizeOf(fallback);
    if (size !== undefined) return size;
  }
  if (fallback === DAY_MS && unitOf(row) === "milliseconds") return "one day";
  return `\`${JSON.stringify(fallback)}\``;
}

/** For the editor's side, which has neither the gateway's schema nor zod. */
function settingTable(): string {
  const keys = IN_VSCODE.filter(({ path }) => SETTINGS.some((row) => row.path === path));
  const takes = keys.flatMap(({ path, schema, about }) => {
    const { type, minimum, maximum, maxItems, enum: values } = jsonSchema(schema);
    const what = { type, minimum, maximum, maxItems, enum: values };
    return about.label === undefined ? [] : [`  ${JSON.stringify(path)}: ${JSON.stringify(what)},`];
  });
  return [
    "/** The settings that VS Code keeps, below `portico.`. Made by `npm run settings` of the gateway's own. */",
    "",
    "export const SETTING_KEYS = [",
    ...keys.map(({ path }) => `  ${JSON.stringify(path)},`),
    "] as const;",
    "",
    "export type SettingKey = (typeof SETTING_KEYS)[number];",
    "",
    "/** As JSON schemas have it. */",
    "export type SettingTakes =",
    '  | { readonly type: "boolean" }',
    '  | { readonly type: "string"; readonly enum?: readonly string[] }',
    '  | { readonly type: "integer"; readonly minimum: number; readonly maximum: number }',
    '  | { readonly type: "array"; readonly maxItems: number };',
    "",
    "/** Those that the pages change. */",
    "export const CHANGED_BY_PAGES = {",
    ...takes,
    "} as const satisfies Partial<Record<SettingKey, SettingTakes>>;",
    "",
  ].join("\n");
}
