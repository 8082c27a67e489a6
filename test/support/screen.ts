/** A terminal of 80 columns without colours, in UTC, that shows nothing. */
import type { Screen } from "../../src/cli/screen.ts";

export const fakeScreen = (more: Partial<Screen> = {}): Screen => ({
  width: 80,
  colour: false,
  program: "portico",
  now: () => 0,
  utcOffset: () => 0,
  line: () => {},
  write: () => {},
  ...more,
});
