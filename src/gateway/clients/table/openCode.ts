/** OpenCode, and Kilo's command line, which is made from it. https://opencode.ai/docs/config */
import { join } from "node:path";
import { textAt } from "../values.ts";
import { type ClientSpec, firstOf, LOOSE_JSON, xdgFolder } from "./client.ts";

const PROVIDER = ["provider", "portico"];
const URL = [...PROVIDER, "options", "baseURL"];

interface Names {
  readonly id: string;
  readonly label: string;
  /** Of its program, its folder and its files. */
  readonly name: string;
  readonly install: string;
}

function madeFrom({ id, label, name, install }: Names): ClientSpec {
  const variable = name.toUpperCase();
  const spec: ClientSpec = {
    id,
    label,
    programs: [name],
    install,
    keepsNoProxy: false,
    variables: [`${variable}_CONFIG`, `${variable}_CONFIG_CONTENT`],
    notes: [],
    folder: (host) => xdgFolder(host, name),
    settings: (host) => [
      {
        // Where both are, the one with comments goes first.
        path: firstOf(host, [
          join(spec.folder(host), `${name}.jsonc`),
          join(spec.folder(host), `${name}.json`),
        ]),
        format: LOOSE_JSON,
        wanted: ({ baseUrl, key, model = "" }) => [
          { path: [...PROVIDER, "npm"], value: "@ai-sdk/openai-compatible" },
          { path: [...PROVIDER, "name"], value: "Portico" },
          { path: URL, value: `${baseUrl}/v1` },
          { path: [...PROVIDER, "options", "apiKey"], value: key, secret: { beside: URL } },
          { path: [...PROVIDER, "models", model, "name"], value: model },
          { path: ["model"], value: `portico/${model}` },
        ],
      },
    ],
    connection([settings]) {
      const model = textAt(settings, ["model"]);
      return model?.startsWith("portico/") === true
        ? { baseUrl: textAt(settings, URL), model: model.slice("portico/".length) }
        : { model };
    },
    rivals: ({ cwd }) =>
      [`${name}.json`, `${name}.jsonc`].map((file) => ({
        path: join(cwd, file),
        format: LOOSE_JSON,
        at: [["model"], PROVIDER],
      })),
  };
  return spec;
}

export const openCode = madeFrom({
  id: "opencode",
  label: "OpenCode",
  name: "opencode",
  install: "npm install -g opencode-ai (https://opencode.ai/docs)",
});

export const kilo = madeFrom({
  id: "kilo",
  label: "Kilo CLI",
  name: "kilo",
  install: "npm install -g @kilocode/cli (https://kilo.ai/docs/cli)",
});
