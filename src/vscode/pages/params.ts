/**
 * What a page may ask of its window, checked on arrival: a page shows words of providers and clients, so
 * it is not trusted to be ours alone. By hand, because zod would weigh more than the rest of the extension.
 */

import { ControlError } from "../../control/channel.ts";
import type { ClientWish } from "../../control/clients.ts";
import { type HostMethods, isPage, type PageState } from "../../control/page.ts";
import { CHANGED_BY_PAGES, type SettingKey, type SettingTakes } from "../host/settingTable.ts";

export type HostMethod = keyof HostMethods;

/** UTF-16 units of a file that a page saves or opens. */
export const MAX_FILE = 64 * 1024 * 1024;
const MAX_SHORT = 2000;

/** @throws ControlError `bad-request` */
export const hostParams: { readonly [M in HostMethod]: (raw: unknown) => HostMethods[M][0] } = {
  "host.copy": (raw) => ({ text: textOf(raw, "text", 1_000_000) }),
  "host.save": (raw) => ({
    name: fileName(textOf(raw, "name", 200)),
    text: textOf(raw, "text", MAX_FILE),
  }),
  "host.openExternal": (raw) => ({ url: webAddress(textOf(raw, "url", MAX_SHORT)) }),
  "host.openFile": (raw) => ({
    title: textOf(raw, "title", 200),
    extensions: strings(fieldOf(raw, "extensions"), 20, "extensions"),
  }),
  "host.openSettings": (raw) => ({ query: textOf(raw, "query", 200) }),
  "host.revealData": nothing,
  "host.showLog": nothing,
  "host.openTerminal": (raw) => ({ client: textOf(raw, "client", 100) }),
  "host.showChanges": clientWish,
  "host.openPage": pageState,
};

function clientWish(raw: unknown): ClientWish {
  const id = textOf(raw, "id", 100);
  const to = fieldOf(raw, "to");
  if (to === "disconnect" || to === "update") return { id, to };
  if (to !== "connect") throw bad("to");
  const offers = fieldOf(raw, "offers");
  return {
    id,
    to,
    ...(fieldOf(raw, "model") === undefined ? {} : { model: textOf(raw, "model", 500) }),
    ...(offers === undefined ? {} : { offers: strings(offers, 100, "offers") }),
  };
}

/** @throws ControlError `bad-request` */
export function pageState(raw: unknown): PageState {
  const page = textOf(raw, "page", 50);
  if (!isPage(page)) throw bad("page");
  const query = fieldOf(raw, "query");
  if (query === undefined) return { page };
  if (typeof query !== "object" || query === null) throw bad("query");
  const entries = Object.entries(query);
  if (entries.length > 50) throw bad("query");
  return {
    page,
    query: Object.fromEntries(entries.map(([name, value]) => [name, text(value, "query", MAX_SHORT)])),
  };
}

/** Where a page was by what it kept, which an older version may have written; else the dashboard. */
export function keptPage(raw: unknown): PageState {
  try {
    return pageState(raw);
  } catch {
    return { page: "dashboard" };
  }
}

export interface SplitSettings {
  /** To VS Code's settings. */
  own: [SettingKey, unknown][];
  /** To the gateway, unchecked. */
  rest: Record<string, unknown>;
}

/** @throws ControlError `bad-request` */
export function splitSettings(raw: unknown): SplitSettings {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw bad("settings");
  const split: SplitSettings = { own: [], rest: {} };
  for (const [name, value] of Object.entries(raw)) {
    if (!isOwn(name)) split.rest[name] = value;
    else if (fits(value, CHANGED_BY_PAGES[name])) split.own.push([name, value]);
    else throw bad(name);
  }
  return split;
}

function isOwn(name: string): name is keyof typeof CHANGED_BY_PAGES {
  return Object.hasOwn(CHANGED_BY_PAGES, name);
}

/** The gateway judges it once more. */
function fits(value: unknown, takes: SettingTakes): boolean {
  switch (takes.type) {
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string" && (takes.enum?.includes(value) ?? value.length <= MAX_SHORT);
    case "integer":
      return Number.isInteger(value) && Number(value) >= takes.minimum && Number(value) <= takes.maximum;
    case "array":
      return (
        Array.isArray(value) &&
        value.length <= takes.maxItems &&
        value.every((each) => fits(each, { type: "string" }))
      );
  }
}

function nothing(): undefined {
  return undefined;
}

function fieldOf(raw: unknown, name: string): unknown {
  return typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[name] : undefined;
}

function textOf(raw: unknown, name: string, longest: number): string {
  return text(fieldOf(raw, name), name, longest);
}

function text(value: unknown, name: string, longest: number): string {
  if (typeof value !== "string" || value.length > longest) throw bad(name);
  return value;
}

function strings(value: unknown, most: number, name: string): string[] {
  if (!Array.isArray(value) || value.length > most) throw bad(name);
  return value.map((each) => text(each, name, MAX_SHORT));
}

/** A name, never a path. */
function fileName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._ -]/g, "-").replace(/^\.+/, "");
  if (plain === "") throw bad("name");
  return plain;
}

/** Commands and files are no web addresses. */
function webAddress(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw bad("url");
  return url;
}

function bad(name: string): ControlError {
  return new ControlError("bad-request", `The page asked for something that makes no sense (${name}).`);
}
