// The rooms of src/gateway and their order: the law of its imports. The test of the architecture, the linter's
// configuration and the picture in docs/architecture.md are made from this table.

/**
 * From the ground up, a line per step. A file imports from its own room and from rooms on lower steps: never from
 * another room of its own step, never from a higher one.
 * @type {readonly (readonly string[])[]}
 */
export const STAIR = [
  ["common"],
  ["models"],
  ["protocols"],
  ["sandbox"],
  ["providers"],
  ["settings"],
  ["upstream", "keys"],
  ["routing", "records", "state", "server", "notify", "telemetry", "pool"],
  ["accounts"],
  ["metrics"],
  ["requests"],
  ["config"],
  ["clients"],
  ["gatewayTypes.ts"],
  ["gateway.ts"],
  ["controlServer"],
  ["leader"],
  ["worker"],
  ["worker.ts"],
];

const STEP = new Map(STAIR.flatMap((rooms, step) => rooms.map((room) => [room, step])));

/**
 * @param {string} path of a file, from src/gateway
 * @returns {string} its room: a folder, or a file that is a room by itself
 */
export function roomOf(path) {
  return path.split("/")[0] ?? path;
}

/**
 * Why a file in one room may not import from another; `undefined` where it may.
 * @param {string} from @param {string} to rooms
 * @returns {string | undefined}
 */
export function breach(from, to) {
  if (from === to) return undefined;
  const below = STEP.get(to);
  const above = STEP.get(from);
  if (above === undefined) return `${from} is no room of the stair (scripts/lib/rooms.mjs)`;
  if (below === undefined) return `${to} is no room of the stair (scripts/lib/rooms.mjs)`;
  return below < above ? undefined : `${from} imports ${to}, which is not below it`;
}

/** What a file of this room must not import. @param {string} room @returns {string[]} */
export function forbiddenTo(room) {
  return [...STEP.keys()].filter((other) => breach(room, other) !== undefined);
}

const ROOM_MESSAGE = "This room is not below the file's own: see the stair in scripts/lib/rooms.mjs.";

/**
 * What the linter's configuration says of the rooms: `base` is the rule for all of the gateway.
 * @param {{ group: string[], message: string }} base @param {object} paths
 */
export function linterOverrides(base, paths) {
  return [...STEP.keys()].flatMap((room) => {
    const forbidden = forbiddenTo(room);
    if (forbidden.length === 0) return [];
    const group = forbidden.map((other) => (other.endsWith(".ts") ? `**/${other}` : `../**/${other}/**`));
    return [
      {
        includes: [`src/gateway/${room.endsWith(".ts") ? room : `${room}/**`}`],
        linter: {
          rules: {
            style: {
              noRestrictedImports: {
                level: "error",
                options: { paths, patterns: [base, { group, message: ROOM_MESSAGE }] },
              },
            },
          },
        },
      },
    ];
  });
}

/**
 * The rooms as a Mermaid block: an arrow for each import between them that no longer way says already.
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph room -> rooms that it imports
 */
export function mermaid(graph) {
  const lines = ["```mermaid", "flowchart TD"];
  const name = (room) => room.replace(/\.ts$/, "");
  for (const room of STAIR.flat().toReversed()) {
    const direct = [...(graph.get(room) ?? [])];
    if (!graph.has(room)) continue;
    const shown = direct.filter((to) => !direct.some((other) => other !== to && reaches(graph, other, to)));
    const order = STAIR.flat();
    for (const to of shown.sort((a, b) => order.indexOf(b) - order.indexOf(a))) {
      lines.push(
        `  ${name(room)}${room.endsWith(".ts") ? `_ts[${room}]` : ""} --> ${name(to)}${to.endsWith(".ts") ? `_ts[${to}]` : ""}`,
      );
    }
  }
  lines.push("```");
  return lines.join("\n");
}

/** Is there a way from one room to another? The graph has no circles. */
function reaches(graph, from, to) {
  return [...(graph.get(from) ?? [])].some((next) => next === to || reaches(graph, next, to));
}
