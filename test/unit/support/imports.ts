/** Reads which modules a TypeScript source imports. */

export interface Import {
  readonly specifier: string;
  /** Nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

const IMPORT =
  /(?:^|[;}\s])(import|export)\s+(type\s+(?!from\b))?(?:[\w*{][^;"'()]*?\sfrom\s*|[{*][^;"'()]*?}\s*from\s*)?["']([^"']+)["']/g;
const CALL = /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g;

/** Static, dynamic, side-effect and re-exported imports, with comments left out of account. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const [, , type, specifier = ""] of code.matchAll(IMPORT)) {
    found.push({ specifier, typeOnly: type !== undefined });
  }
  for (const [, specifier = ""] of code.matchAll(CALL)) found.push({ specifier, typeOnly: false });
  return found;
}

/** Keeps text in quotes as it is, so that `"https://…"` is no comment. */
function withoutComments(source: string): string {
  const parts = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return source.replace(parts, (part, quoted: string | undefined) =>
    quoted !== undefined || part.startsWith("`") ? part : " ",
  );
}
