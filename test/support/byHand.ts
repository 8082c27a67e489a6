/** A file that somebody changed by hand, so that each value is put back by itself; behind its byte order mark, if it has one. */
export const byHand = (text: string): string =>
  text.startsWith("\uFEFF") ? `\uFEFF# by hand\n${text.slice(1)}` : `# by hand\n${text}`;
