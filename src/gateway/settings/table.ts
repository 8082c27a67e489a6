/** The settings as a flat table: a row for each name, with all that is said of it. */
import * as z from "zod";
import type { EditableSettings, SettingName, SettingsView } from "../../control/settings.ts";
import { isRecord, valueAt } from "../common/json.ts";
import { ABOUT, type About } from "./about.ts";
import { type Settings, settingsSchema } from "./settings.ts";

export interface SettingRow {
  /** `auth.mode`; below a list `accounts[].label`. */
  readonly path: string;
  /** Of a value that is there. */
  readonly schema: z.ZodType;
  /** Absent: none, or `about` says it. */
  readonly fallback?: unknown;
  readonly about: About;
}

/** Those of `schema` that are described, and what is in them, in the order in which they stand there. */
export function rowsOf(schema: z.ZodObject, prefix = ""): SettingRow[] {
  return Object.entries(schema.shape).flatMap(([name, field]: [string, z.ZodType]) => {
    const path = `${prefix}${name}`;
    const about = ABOUT.get(field);
    const bare = unwrapped(field) as z.ZodType;
    const fallback = field instanceof z.ZodDefault ? { fallback: field.def.defaultValue } : {};
    const rows = about === undefined ? [] : [{ path, schema: bare, about, ...fallback }];
    if (bare instanceof z.ZodObject) return [...rows, ...rowsOf(bare, `${path}.`)];
    const element = bare instanceof z.ZodArray ? bare.element : undefined;
    return element instanceof z.ZodObject ? [...rows, ...rowsOf(element, `${path}[].`)] : rows;
  });
}

/** Of a value that is there. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? unwrapped(schema.unwrap()) : schema;
}

export const SETTINGS: readonly SettingRow[] = rowsOf(settingsSchema);

type At<S, Path> = Path extends keyof S
  ? S[Path]
  : Path extends `${infer Group}.${infer Field}`
    ? Group extends keyof S
      ? At<S[Group], Field>
      : never
    : never;
/** What the pages are told is what the schema has. */
type Editable = { [N in SettingName]: At<Settings, N> };

interface EditableRow extends SettingRow {
  readonly path: SettingName;
  readonly schema: z.ZodType<EditableSettings[SettingName]>;
  readonly about: About & { readonly home: "portico" | "vscode"; readonly label: string };
}

/** Those that the pages change, by name. */
export const EDITABLE: ReadonlyMap<SettingName, EditableRow> = new Map(
  SETTINGS.filter((row): row is EditableRow => row.about.label !== undefined).map((row) => [row.path, row]),
);

/** What each of them takes. */
export const EDITABLE_VALUES = Object.fromEntries(
  [...EDITABLE].map(([name, { schema }]) => [name, schema]),
) as { readonly [N in SettingName]: z.ZodType<EditableSettings[N]> };

export const SETTING_NAMES: readonly SettingName[] = [...EDITABLE.keys()];

export function isSettingName(name: PropertyKey): name is SettingName {
  return EDITABLE.has(name as SettingName);
}

/** As a person reads it. */
export function labelOf(name: SettingName): string {
  return EDITABLE.get(name)?.about.label ?? name;
}

export function editableOf(settings: Settings): EditableSettings {
  const values = SETTING_NAMES.map((name) => [name, valueAt(settings, name.split("."))]);
  return Object.fromEntries(values) as Editable;
}

/** Puts values where the settings have them: `{"auth.mode": "off"}` into `{auth: {…}}`. Returns a copy. */
export function withEditable(
  input: Readonly<Record<string, unknown>>,
  change: Partial<EditableSettings>,
): Record<string, unknown> {
  const out: Record<string, unknown> = { ...input };
  for (const [name, value] of Object.entries(change)) {
    const [group = "", field] = name.split(".");
    const before = out[group];
    out[group] = field === undefined ? value : { ...(isRecord(before) ? before : {}), [field]: value };
  }
  return out;
}

/** Of numbers, in the setting's own unit. */
export const BOUNDS: NonNullable<SettingsView["bounds"]> = Object.fromEntries(
  Object.entries<z.ZodType>(EDITABLE_VALUES).flatMap(([name, schema]) => {
    if (!(schema instanceof z.ZodNumber)) return [];
    const { minValue, maxValue } = schema;
    return minValue === null || maxValue === null ? [] : [[name, { min: minValue, max: maxValue }]];
  }),
);

const UNITS = {
  Ms: "milliseconds",
  Bytes: "bytes",
  Days: "days",
  Hours: "hours",
  Minutes: "minutes",
  Percent: "percent",
};

/** The unit of a number: names end in it, as `maxAgeDays` does. `undefined`: it counts. */
export function unitOf({ path }: Pick<SettingRow, "path">): string | undefined {
  return Object.entries(UNITS).find(([end]) => path.toLowerCase().endsWith(end.toLowerCase()))?.[1];
}
