/** A gateway without a pool: nothing is told, nothing is loaded, all is as its own memory has it. */
import { periodOf } from "../settings/budgetPeriod.ts";
import type { PoolPort } from "./port.ts";

export const alone: PoolPort = {
  standing: undefined,
  onChange: () => () => {},
  listen: () => {},
  nameOf: () => "",
  hold: () => "",
  clear: () => {},
  undo: () => {},
  quota: () => {},
  owns: () => {},
  othersWith: () => [],
  readAgain: () => {},
  remember: () => {},
  recall: () => Promise.resolve([]),
  mayPoll: () => Promise.resolve(true),
  periodOf,
  counter: () => undefined,
  level: () => undefined,
  close: () => Promise.resolve(),
};
