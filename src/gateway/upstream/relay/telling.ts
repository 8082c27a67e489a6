/** What makes an event of a stream that passes worth a second look; most have nothing of it. */
import type { Protocol } from "../../../control/protocol.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { AccountKey } from "../../providers/account.ts";
import { patternOf } from "../shownSecrets.ts";
import { usageKeys } from "./usageScan.ts";

const words = new Map<Protocol, string>();

/** Matches events, read as latin1, that may hold an error, usage, the last event, or anything that is bound or secret. */
export function tellingOf(protocol: Protocol, key: AccountKey | undefined): RegExp {
  let source = words.get(protocol);
  if (source === undefined) {
    const { usage, streamEnding } = WIRES[protocol];
    source = [
      '"error',
      '"encrypted_content"',
      ...usageKeys(usage).map((name) => `"${name}"`),
      ...(streamEnding.last === undefined ? [] : [literal(streamEnding.last.word.toString("latin1"))]),
    ].join("|");
    words.set(protocol, source);
  }
  return patternOf(key, source);
}

const literal = (text: string): string => text.replace(/[^\w]/g, "\\$&");
