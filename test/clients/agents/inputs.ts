/** Inputs that several agents' tools share. */
import { changed, fileText } from "../task.ts";

const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

export const readCommand = (file: string): string => `cat ${quoted(file)}`;

export const editCommand = (file: string, word: string): string =>
  `printf '%s' ${quoted(fileText(changed(word)))} > ${quoted(file)}`;

/** A patch in the format of `apply_patch`. */
export const patch = (file: string, word: string): string =>
  [
    "*** Begin Patch",
    `*** Update File: ${file}`,
    "@@",
    " First line.",
    `-The secret word is ${word}.`,
    `+The secret word is ${changed(word)}.`,
    " Last line.",
    "*** End Patch",
    "",
  ].join("\n");
