/** What a window says of a key before the gateway sees it: the same as the gateway. */
export { cleanKey, keyProblem } from "./pastedText.ts";
