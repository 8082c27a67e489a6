/** Options and commands of client keys, and what all commands that ask a gateway have in common. */
import type { CommandSpec, Option } from "./options.ts";

export const ASKING = ["json", "data-dir"] as const;

export const KEY_OPTIONS = {
  "per-minute": { value: "N", says: "requests per minute" },
  "tokens-per-minute": { value: "N", says: "tokens per minute" },
  "at-once": { value: "N", says: "requests under way at once" },
  budget: {
    value: "UNIT/PERIOD=LIMIT",
    says: "such as usd/month=20; requests, tokens or usd per day, week or month (may be repeated)",
    many: true,
  },
  from: { value: "RANGE", says: "an address or a range that it may come from (may be repeated)", many: true },
  expires: { value: "DATE", says: "until when it counts, such as 2027-01-31" },
  note: { value: "TEXT", says: "a note for yourself" },
  name: { value: "TEXT", says: "what it is called" },
  drop: {
    value: "LIMIT",
    says: "take this limit away, by the name of its option, such as budget; or the note (may be repeated)",
    many: true,
  },
  enable: { says: "it counts again" },
  disable: { says: "it is refused until it is enabled again" },
  grace: { value: "MINUTES", says: "for which the old key counts as well, 0 to 43200 (default 60)" },
} as const satisfies Record<string, Option>;

/** What a key may be limited by, and its note. */
export const LIMITS = [
  "model",
  "account",
  "per-minute",
  "tokens-per-minute",
  "at-once",
  "budget",
  "from",
  "expires",
  "note",
] as const;
export type Limit = (typeof LIMITS)[number];

export const KEY_COMMANDS = {
  "keys list": {
    usage: "[options]",
    says: "the keys of clients, with what they may do",
    options: ASKING,
  },
  "keys add": {
    usage: "NAME [options]",
    says: "a key for one client, with limits of its own; shown once",
    options: [...LIMITS, ...ASKING],
    own: {
      model: "a model it may ask for, * stands for anything (may be repeated; '' for none; default: all)",
      account: "an account that may answer it (may be repeated; '' for none; default: all)",
    },
    more: ["Where nobody on this computer needs a key (auth.mode off), limits bind only who sends this one."],
  },
  "keys update": {
    usage: "ID [options]",
    says: "change a client's key: its name, its limits, whether it counts; what is not named stays",
    options: ["name", ...LIMITS, "drop", "enable", "disable", ...ASKING],
    own: {
      model: "the models it may ask for, in place of those from before (may be repeated; '' for none)",
      account:
        "the accounts that may answer it, in place of those from before (may be repeated; '' for none)",
    },
    more: ["Programs that call without a key have the id local: portico keys update local --at-once 4."],
  },
  "keys rotate": {
    usage: "ID [options]",
    says: "make another key in a key's place; name and limits stay",
    options: ["grace", ...ASKING],
  },
  "keys revoke": {
    usage: "ID [options]",
    says: "take a client's key back for good",
    options: ASKING,
  },
} as const satisfies Record<string, CommandSpec>;
