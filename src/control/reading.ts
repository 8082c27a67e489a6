/**
 * Reads results and events of a Portico that may be of another version. Fields and values that are not known
 * here stay as they came; a list that is missing is empty; an entry that lacks what every reader needs is
 * passed over. Anything else that is missing is named.
 */
import type { EventName, Events, Method, Result, Status } from "./contract.ts";
import { METHODS } from "./methods/all.ts";
import type { AnyShape } from "./methods/method.ts";
import { accounts, row, settings, status } from "./methods/shapes.ts";
import { readProxyState } from "./proxyState.ts";
import type { SettingsView, SettingValues } from "./settings.ts";

const EVENTS: { readonly [E in EventName]: AnyShape } = {
  status,
  log: { level: "string", time: "number", message: "string" },
  requests: { rows: [row], missed: "number" },
  accounts,
  settings: settings as AnyShape,
};

export function isEvent(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}

/** @throws MissingField */
export function readResult<M extends Method>(method: M, value: unknown): Result<M> {
  const read = known(fill(value, METHODS[method].result, ""), METHODS[method].result);
  // Nobody is told that there is nothing when there is something that cannot be read.
  if (Array.isArray(value) && Array.isArray(read) && value.length > 0 && read.length === 0) {
    const [shape] = METHODS[method].result as readonly [AnyShape];
    fill(value[0], shape, "");
  }
  return read as Result<M>;
}

/** @throws MissingField */
export function readEvent<E extends EventName>(event: E, data: unknown): Events[E] {
  return known(fill(data, EVENTS[event], ""), EVENTS[event]) as Events[E];
}

/** What stands in for the settings that an older Portico does not have; nobody can change them. */
const NO_SETTINGS: SettingValues = {
  port: 0,
  allowLanAccess: false,
  allowedOrigins: [],
  allowedHosts: [],
  "auth.mode": "off",
  "scheduling.strategy": "cache-first",
  "scheduling.stickyWaitMs": 0,
  "scheduling.waitMs": 0,
  "scheduling.pinned": "",
  "scheduling.protectBelowPercent": 0,
  "quotas.refreshMinutes": 0,
  "background.enabled": false,
  "background.to": [],
  budgets: [],
  prices: [],
  "records.enabled": false,
  "records.maxAgeDays": 0,
  "records.maxRows": 0,
  "records.maxBytes": 0,
  "records.bodies": false,
  "records.bodyMaxBytes": 0,
  "records.bodiesMaxBytes": 0,
  "records.bodiesMaxHours": 0,
  replyHeaders: false,
  "responses.onDisk": false,
};

function known(read: unknown, shape: AnyShape): unknown {
  if (shape === status) {
    const told = read as Status;
    return { ...told, proxy: readProxyState(told.proxy) };
  }
  if (shape !== settings) return read;
  const told = read as SettingsView;
  return { ...told, values: { ...NO_SETTINGS, ...told.values } };
}

export class MissingField extends Error {
  override readonly name = "MissingField";
  /** `rows.id`; empty: all of it. */
  readonly field: string;

  constructor(field: string) {
    super(field === "" ? "there is nothing in it" : `"${field}" is missing`);
    this.field = field;
  }
}

function fill(value: unknown, shape: AnyShape, place: string): unknown {
  if (shape === undefined) return undefined;
  if (typeof shape === "string") {
    if (typeof value !== shape) throw new MissingField(place);
    return value;
  }
  if (isList(shape)) {
    if (value === undefined && place !== "") return [];
    if (!Array.isArray(value)) throw new MissingField(place);
    return value.flatMap((each) => entry(each, shape[0], place));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new MissingField(place);
  const read: Record<string, unknown> = { ...value };
  for (const name of Object.keys(shape)) {
    read[name] = fill(read[name], shape[name], place === "" ? name : `${place}.${name}`);
  }
  return read;
}

/** @returns none where it cannot be read */
function entry(value: unknown, shape: AnyShape, place: string): unknown[] {
  try {
    return [fill(value, shape, place)];
  } catch (error) {
    if (error instanceof MissingField) return [];
    throw error;
  }
}

function isList(shape: AnyShape): shape is readonly [AnyShape] {
  return Array.isArray(shape);
}
