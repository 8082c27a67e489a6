import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { nativeBuildEnvironment } from "../../support/nativeBuild.ts";

const node = join(import.meta.dirname, "../../../node_modules/node/bin/node");

it("takes what an outer npm says of itself out of the environment", () => {
  const outer = {
    npm_config_user_agent: "npm/11 node/v20",
    NPM_CONFIG_CACHE: "/x",
    npm_execpath: "/y",
    HOME: "/h",
  };
  const env = nativeBuildEnvironment(node, { ...outer, PATH: "/bin" });
  expect(Object.keys(env).filter((name) => /^npm_/i.test(name) && name !== "npm_config_nodedir")).toEqual([]);
  expect(env.HOME).toBe("/h");
  expect(env.PATH?.startsWith(dirname(node))).toBe(true);
  expect(env.PATH?.endsWith("/bin")).toBe(true);
});

it("keeps where npm has its settings", () => {
  const settings = { npm_config_globalconfig: "/etc/npmrc", npm_config_userconfig: "/h/.npmrc" };
  expect(nativeBuildEnvironment(node, { ...settings, npm_config_cache: "/x" })).toMatchObject(settings);
});

it.skipIf(!existsSync(node))("names the headers of the packaged Node.js (needs the npm package node)", () => {
  const { npm_config_nodedir: headers = "" } = nativeBuildEnvironment(node, {});
  expect(existsSync(join(headers, "include", "node", "node_version.h"))).toBe(true);
});

it("names no headers where there are none", () => {
  expect(nativeBuildEnvironment(process.argv[1] ?? "", {}).npm_config_nodedir).toBeUndefined();
});
