/** How the program speaks and ends. */

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Standard error is written first: on Windows it is asynchronous. */
export function exit(code: number): void {
  process.stderr.write("", () => process.exit(code));
}
