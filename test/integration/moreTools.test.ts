/** What the Connect page gives to paste into tools that are not run here: each form read, and its values used for a real request. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { moreTools } from "../../src/webviews/pages/connect/moreTools.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const KEY = "ptk-snippets-0123456789";
let portico: TestGateway;
beforeAll(async () => {
  portico = await startGateway({ auth: { mode: "strict", apiKey: KEY } });
});
afterAll(() => portico.stop());

type Found = { readonly url: string; readonly key: string; readonly model: string };

const snippets = (id: string, shell: "sh" | "powershell" = "sh") => {
  const tool = moreTools().find((each) => each.id === id);
  if (tool === undefined) throw new Error(id);
  return tool.snippets({ baseUrl: portico.baseUrl, model: "sandbox/echo", key: KEY, shell });
};
const code = (id: string, at = 0) => snippets(id)[at]?.code ?? "";
/** As the shell has them when the tool starts. */
function variables(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line.startsWith("export "));
  const out = execFileSync("/bin/sh", ["-c", `${lines.join("\n")}\nexec env -0`], {
    env: {},
    encoding: "utf8",
  });
  return Object.fromEntries(
    out.split("\0").map((each) => [each.split("=")[0], each.slice(each.indexOf("=") + 1)]),
  );
}

const FOUND: Readonly<Record<string, () => Found>> = {
  roo: () => ({ url: code("roo"), key: code("roo", 1), model: code("roo", 2) }),
  crush() {
    const { portico: it } = JSON.parse(code("crush")).providers;
    return { url: it.base_url, key: it.api_key, model: it.models[0].id };
  },
  droid() {
    const [it] = JSON.parse(code("droid")).customModels;
    return { url: it.baseUrl, key: it.apiKey, model: it.model };
  },
  aider() {
    const it = parse(code("aider", 1));
    return {
      url: it["openai-api-base"],
      key: it["openai-api-key"],
      model: it.model.replace(/^openai\//, ""),
    };
  },
  zed() {
    const it = JSON.parse(code("zed")).language_models.openai_compatible.portico;
    return { url: it.api_url, key: code("zed", 1), model: it.available_models[0].name };
  },
  goose() {
    const it = variables(code("goose"));
    return { url: `${it.OPENAI_HOST}/v1`, key: it.OPENAI_API_KEY ?? "", model: it.GOOSE_MODEL ?? "" };
  },
  copilot() {
    const it = variables(code("copilot"));
    return {
      url: it.COPILOT_PROVIDER_BASE_URL ?? "",
      key: it.COPILOT_PROVIDER_API_KEY ?? "",
      model: it.COPILOT_MODEL ?? "",
    };
  },
  other() {
    const [url, key, model] = code("other")
      .split("\n")
      .map((line) => line.replace(/^[^:]*: /, ""));
    return { url: url ?? "", key: key ?? "", model: model ?? "" };
  },
};

describe.skipIf(process.platform === "win32")("snippets for further tools", () => {
  it.each(Object.keys(FOUND))("%s: address, key and model get an answer", async (id) => {
    const { url, key, model } = (FOUND[id] as () => Found)();
    const reply = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
    });
    expect(await reply.text()).toContain("Hello");
    expect(reply.status).toBe(200);
  });

  it("are all of them, each with a page of its own and for both shells", () => {
    expect(
      moreTools()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(Object.keys(FOUND).sort());
    for (const { id, link } of moreTools()) if (id !== "other") expect(link).toMatch(/^https:/);
    for (const { id } of moreTools())
      for (const { code: text } of snippets(id, "powershell")) expect(text).not.toContain("export ");
    expect(variables(code("aider"))).toMatchObject({
      OPENAI_API_BASE: `${portico.baseUrl}/v1`,
      OPENAI_API_KEY: KEY,
    });
    expect(variables(code("zed", 2))).toMatchObject({ PORTICO_API_KEY: KEY });
  });
});
