// What `portico --help` says, some of which is put together.
import { COMMANDS, OPTIONS } from "../../src/cli/options.ts";

/** @returns {string[]} */
export function helpTexts() {
  const options = Object.values(OPTIONS).map(({ says }) => says);
  const commands = Object.values(COMMANDS).flatMap(({ says, more = [], own = {} }) => [
    says,
    ...more,
    ...Object.values(own),
  ]);
  return [...options, ...commands].filter((text) => text !== "");
}
