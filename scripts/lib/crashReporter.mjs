// A reporter of vitest: which test files V8 ended the process of, as JSON in the file that PORTICO_TEST_CRASHES names.
import { writeFileSync } from "node:fs";

/** Signals by which V8 ends a process on a failed check of its own, or dies. */
const CRASH =
  /exited unexpectedly with signal SIG(?:TRAP|SEGV|ILL|ABRT|BUS) .*while running test file (.+)$/m;

/** The file of an error that is such an end; `undefined`: it is another error. */
export function crashedFile(error) {
  for (let each = error; each !== undefined && each !== null; each = each.cause) {
    const file = CRASH.exec(String(each.message))?.[1];
    if (file !== undefined) return file;
  }
  return undefined;
}

export default class CrashReporter {
  onTestRunEnd(_modules, errors) {
    const file = process.env.PORTICO_TEST_CRASHES;
    if (file === undefined) return;
    const crashed = errors.map(crashedFile);
    writeFileSync(
      file,
      JSON.stringify({
        files: [...new Set(crashed.filter((each) => each !== undefined))],
        others: crashed.filter((each) => each === undefined).length,
      }),
    );
  }
}
