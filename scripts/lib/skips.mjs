// Why a test was skipped and how to get it, read from the name that its author gave it.

/** The first that matches counts. */
const REASONS = [
  [
    /recordings?/i,
    "needs ../shared/recordings, streams recorded from providers",
    "put that folder beside the project",
  ],
  [
    /browser|chrom(e|ium)/i,
    "needs a Chromium or Chrome",
    "install one, or set PORTICO_BROWSER to its program",
  ],
  [/redis/i, "needs redis-server or valkey-server", "install one (Debian: redis-server)"],
  [/namespace/i, "needs a network namespace", "run as root on Linux, with iproute2 installed"],
  [/not on windows|windows has no|on windows/i, "does not exist on Windows", "run on macOS or Linux"],
  [/only on windows/i, "exists on Windows only", "run on Windows"],
  [/root|administrator/i, "needs an ordinary user", "run as another user than root"],
  [/bundle|dist\b/i, "needs dist/", "npm run build"],
];

/** @returns {{why: string, how: string}} */
export function explainSkip(name) {
  for (const [pattern, why, how] of REASONS) {
    if (pattern.test(name)) return { why, how };
  }
  const said = /\(([^()]*)\)[^()]*$/.exec(name)?.[1];
  return { why: said ?? "its condition does not hold here", how: "see the condition in the test file" };
}

/**
 * Groups skipped tests by their reason.
 * @param {{name: string, file: string}[]} skipped
 */
export function groupSkips(skipped) {
  const groups = new Map();
  for (const { name, file } of skipped) {
    const { why, how } = explainSkip(name);
    const group = groups.get(why) ?? { why, how, count: 0, files: new Set() };
    group.count += 1;
    group.files.add(file);
    groups.set(why, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}
