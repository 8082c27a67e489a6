/** What the pages say of clients is so: commands, files, variables. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canRun } from "../../../src/gateway/clients/runs.ts";
import type { ClientHost } from "../../../src/gateway/clients/table/client.ts";
import { CLIENTS, runnable } from "../../../src/gateway/clients/table/index.ts";

const root = join(import.meta.dirname, "../../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const PAGES = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);
const HOST: ClientHost = {
  platform: "linux",
  env: {},
  home: "/HOME",
  cwd: "/HOME/project",
  exists: () => false,
};

/** Names of clients that commands in a page are given. */
const namedIn = (page: string): string[] =>
  Array.from(
    page.matchAll(/portico (?:connect|disconnect|run) (?:--[\w-]+ \S+ )*([a-z][\w-]+)(?=[`\s])/g),
    ([, name = ""]) => name,
  );

/** The rows of the table under a heading of docs/clients.md: what stands in each cell. */
function rowsOf(heading: string): string[][] {
  const [, text = ""] = read("docs/clients.md").split(`## ${heading}\n`);
  const rows =
    text
      .split("\n## ")[0]
      ?.split("\n")
      .filter((line) => line.startsWith("| `")) ?? [];
  return rows.map((row) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
}
const idsIn = (cell = ""): string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, id = ""]) => id);

describe("what is written of clients", () => {
  it.each(PAGES)("names in commands those that there are: %s", (page) => {
    for (const name of namedIn(read(page))) expect(() => runnable(name), name).not.toThrow();
  });

  it("is read for commands", () => {
    const text = "`portico connect claude-code`, portico run --model gpt-5 opencode\n`portico connect NAME`";
    expect(namedIn(text)).toEqual(["claude-code", "opencode"]);
  });

  it("has each in a line of the README", () => {
    const named = namedIn(read("README.md").split("## Set up your tools")[1] ?? "");
    for (const { id } of [...CLIENTS, runnable("copilot")]) expect(named).toContain(id);
  });

  it("says of each that is connected which file is written, and by which variable it is elsewhere", () => {
    const rows = rowsOf("Connected by a command");
    expect(rows.flatMap(([ids]) => idsIn(ids)).sort()).toEqual(CLIENTS.map(({ id }) => id).sort());
    for (const spec of CLIENTS) {
      const [, files = ""] = rows.find(([ids]) => idsIn(ids).includes(spec.id)) ?? [];
      const [first, ...others] = spec.settings(HOST).map(({ path }) => path.replace("/HOME", "~"));
      const where = files.replaceAll("(c)", "");
      expect(where, spec.id).toContain(first);
      // Codex's second file is only there for a proxy; the text below the table names it.
      for (const other of others) {
        expect(read("docs/clients.md"), spec.id).toContain(other.slice(other.lastIndexOf("/") + 1));
      }
      for (const name of Array.from(files.matchAll(/`([A-Z_]+)`/g), ([, variable = ""]) => variable)) {
        const moved = { ...HOST, env: { [name]: "/ELSEWHERE" } };
        expect(spec.settings(moved)[0]?.path, `${spec.id} ${name}`).toContain("/ELSEWHERE");
      }
    }
  });

  it("says of each that can be run once by what", () => {
    const named = rowsOf("Run once").flatMap(([ids]) => idsIn(ids));
    const all = [...CLIENTS.map(({ id }) => id), "copilot"];
    expect(named.sort()).toEqual(all.filter(canRun).sort());
  });
});
