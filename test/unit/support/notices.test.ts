import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const project = join(import.meta.dirname, "../../..");
const { noticesOf } = (await import(`${project}/scripts/lib/notices.mjs`)) as {
  noticesOf(root: string, inputs: Iterable<string>): string;
};

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = makeFolder("notices");
  try {
    await use(folder);
  } finally {
    await removeFolder(folder);
  }
}

async function addPackage(root: string, path: string, manifest: object, files: Record<string, string> = {}) {
  const folder = join(root, path);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

describe("third-party notices", () => {
  it("has each bundled package once, with its licence as it stands there", async () => {
    await inFolder(async (root) => {
      await addPackage(
        root,
        "node_modules/a",
        { name: "a", version: "1.0.0", license: "MIT" },
        { LICENSE: "Text of a" },
      );
      await addPackage(root, "node_modules/b/node_modules/a", {
        name: "a",
        version: "2.0.0",
        license: "ISC",
      });
      await addPackage(
        root,
        "node_modules/@x/c",
        { name: "@x/c", version: "3.0.0", license: "(GPL-3.0 OR Apache-2.0)", author: { name: "Someone" } },
        { "README.md": "# c\n\n## License\n\nSee the terms." },
      );
      const text = noticesOf(root, [
        "node_modules/a/index.js",
        "node_modules/a/lib/more.js",
        "node_modules/b/node_modules/a/index.js",
        "node_modules/@x/c/c.js",
        "src/cli.ts",
      ]);
      expect(text.match(/^\S+ \d\.0\.0 \(.*\)$/gm)).toEqual([
        "@x/c 3.0.0 ((GPL-3.0 OR Apache-2.0))",
        "a 1.0.0 (MIT)",
        "a 2.0.0 (ISC)",
      ]);
      expect(text).toContain("Text of a");
      expect(text).toContain("Copyright Someone\n\nSee the terms.");
    });
  });

  it.each([
    ["GPL-3.0", /licence GPL-3\.0, which is not on the list/],
    [undefined, /licence undefined/],
    ["MIT AND GPL-3.0", /not on the list/],
  ])("refuses the licence %s", async (license, message) => {
    await inFolder(async (root) => {
      await addPackage(root, "node_modules/a", { name: "a", version: "1.0.0", license });
      expect(() => noticesOf(root, ["node_modules/a/index.js"])).toThrow(message);
    });
  });

  it("goes into the package with what is in the bundles", async () => {
    const text = await readFile(join(project, "dist", "third-party-notices.txt"), "utf8");
    for (const name of ["koa", "undici", "zod", "preact", "ws", "uplot", "@vscode/codicons"]) {
      expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
    expect(text).not.toMatch(/^vitest |^typescript /m);
  });
});

describe("package-lock.json", () => {
  it("has the checksum of every package", async () => {
    const { packages } = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
    const without = Object.entries<{ integrity?: string }>(packages).filter(
      ([path, { integrity }]) => path !== "" && !integrity?.startsWith("sha512-"),
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });
});
