/** What the system says against a file, in words for a person: one way to tell it, whichever file it was. */
import { dirname } from "node:path";
import { messageOf, PorticoError } from "./errors.ts";
import { failureOf, type SqliteFailure } from "./sqlite.ts";

interface Reason {
  readonly why: string;
  /** What to do about it. */
  readonly mend: string;
}

const MAY_NOT_READ: Reason = { why: "this account may not read it", mend: "See that you may read it" };
const MAY_NOT: Reason = {
  why: "this account may not write there",
  mend: "See that you may write in that folder",
};
const READ_ONLY: Reason = { why: "the disk is read-only", mend: "Make it writable" };
const FULL: Reason = { why: "the disk is full", mend: "Free some space" };

const BY_CODE: Readonly<Partial<Record<string, Reason>>> = {
  EEXIST: { why: "there is a file in its place", mend: "Move that away" },
  ENOTDIR: { why: "there is a file in its place", mend: "Move that away" },
  EISDIR: { why: "there is a folder in its place", mend: "Move that away" },
  ENOTEMPTY: { why: "there is a folder in its place", mend: "Move that away" },
  ENOENT: { why: "the folder is gone", mend: "Bring it back, or restart Portico" },
  EACCES: MAY_NOT,
  EPERM: MAY_NOT,
  EROFS: READ_ONLY,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EMFILE: { why: "too many files are open", mend: "Close other programs" },
  ENFILE: { why: "too many files are open", mend: "Close other programs" },
  ELOOP: { why: "it is a link that leads to itself", mend: "Mend the link" },
  EIO: { why: "the disk does not work", mend: "Check it" },
};

const BY_SQLITE: Readonly<Partial<Record<SqliteFailure, Reason>>> = {
  readonly: MAY_NOT,
  cannotOpen: MAY_NOT,
  full: FULL,
};

/** Thrown in place of what the system threw; that is its `cause`. */
export class FileFailure extends PorticoError {
  readonly reason: Reason;

  /** @param what the subject of a sentence: "The settings" */
  constructor(what: string, verb: "read" | "saved" | "written" | "recorded", folder: string, cause: unknown) {
    const found = reasonOf(cause);
    const reason = verb === "read" && found === MAY_NOT ? MAY_NOT_READ : found;
    super("unavailable", `${what} could not be ${verb}: ${reason.why} (${folder}). ${reason.mend}.`, {
      cause,
    });
    this.reason = reason;
  }
}

/** What was not kept, as a person calls it, and why. @param file that was to hold it */
export function notSaved(what: string, file: string, error: unknown): FileFailure {
  return new FileFailure(what, "saved", dirname(file), error);
}

/** "the disk is full". Never an error's own text where the system has a code for it. */
export function whyRefused(error: unknown): string {
  return reasonOf(error).why;
}

function reasonOf(error: unknown): Reason {
  if (error instanceof FileFailure) return error.reason;
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  const known = typeof code === "string" ? BY_CODE[code] : undefined;
  return (
    known ??
    BY_SQLITE[failureOf(error) ?? "other"] ?? { why: messageOf(error), mend: "Portico's log has the details" }
  );
}
