/** Workflows and forms for GitHub: they say what the project can do, in a form that GitHub takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, ".github", path), "utf8");
const names = (folder: string) => readdirSync(join(root, ".github", folder));
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;

const step = z.union([
  z.strictObject({ name: z.string().optional(), run: z.string() }),
  z.strictObject({
    uses: z.string().regex(/^[\w-]+\/[\w-]+@v\d+$/),
    if: z.string().optional(),
    with: z.record(z.string(), z.unknown()).optional(),
  }),
]);
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.strictObject({ contents: z.literal("read") }),
  concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.literal(true) }),
  jobs: z.record(
    z.string(),
    z.strictObject({
      "runs-on": z.string(),
      "timeout-minutes": z.int().max(60),
      strategy: z
        .strictObject({ "fail-fast": z.literal(false), matrix: z.strictObject({ os: z.array(z.string()) }) })
        .optional(),
      env: z.record(z.string(), z.string()).optional(),
      steps: z.array(step).min(2),
    }),
  ),
});

/** https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema */
const form = z.strictObject({
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  body: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: z.string() }) }),
        z.strictObject({
          type: z.enum(["input", "textarea", "dropdown"]),
          id: z.string().regex(/^[\w-]+$/),
          attributes: z.strictObject({
            label: z.string(),
            description: z.string().optional(),
            placeholder: z.string().optional(),
            render: z.string().optional(),
            options: z.array(z.string()).min(2).optional(),
          }),
          validations: z.strictObject({ required: z.boolean() }).optional(),
        }),
      ]),
    )
    .min(1),
});

describe("workflows", () => {
  const workflows = names("workflows").map(
    (name) => [name, workflow.parse(parse(read(`workflows/${name}`)))] as const,
  );

  it.each(workflows)("%s runs what package.json has", (_name, { jobs }) => {
    for (const { steps } of Object.values(jobs)) {
      for (const each of steps) {
        if (!("run" in each)) continue;
        for (const [, script = ""] of each.run.matchAll(/\bnpm (?:run )?([a-z:]+)/g)) {
          if (!["ci", "install"].includes(script)) expect(Object.keys(scripts)).toContain(script);
        }
      }
    }
  });

  it("test and package on all three systems", () => {
    const three = ["ubuntu-latest", "macos-latest", "windows-latest"];
    const runs = workflows.flatMap(([, { jobs }]) =>
      Object.values(jobs)
        .filter(({ strategy }) => strategy?.matrix.os.join() === three.join())
        .flatMap(({ steps }) => steps.flatMap((each) => ("run" in each ? [each.run] : []))),
    );
    for (const command of ["npm test", "npm run package", "npm run package:npm"])
      expect(runs).toContain(command);
  });

  it("asks for the Node.js that the npm package names", () => {
    expect(read("workflows/test.yml")).toContain("node-version: 22.13.0");
  });
});

describe("issue forms", () => {
  it.each(names("ISSUE_TEMPLATE").filter((name) => name !== "config.yml"))("%s has GitHub's form", (name) => {
    const { body } = form.parse(parse(read(`ISSUE_TEMPLATE/${name}`)));
    const ids = body.flatMap((field) => ("id" in field ? [field.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("dependabot", () => {
  it("looks after packages, actions and the image", () => {
    const { version, updates } = parse(read("dependabot.yml"));
    expect(version).toBe(2);
    const ecosystems = updates.map((each: { "package-ecosystem": string }) => each["package-ecosystem"]);
    expect(ecosystems).toEqual(["npm", "github-actions", "docker"]);
  });
});
