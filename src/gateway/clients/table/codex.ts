/** Codex: the command line and its extension share one file. https://developers.openai.com/codex/config-reference */
import { join } from "node:path";
import { dotenv } from "../formats/dotenv.ts";
import { toml } from "../formats/toml.ts";
import { textAt } from "../values.ts";
import { type ClientSpec, folderBy, noProxyValues } from "./client.ts";

const PROVIDER = ["model_providers", "portico"];
const URL = [...PROVIDER, "base_url"];
const AT = [["model_provider"], PROVIDER];

export const codex: ClientSpec = {
  id: "codex",
  label: "Codex",
  programs: ["codex"],
  install: "npm install -g @openai/codex (https://developers.openai.com/codex/cli)",
  ownModels: "gpt",
  keepsNoProxy: true,
  variables: [],
  notes: [
    "Restart Codex, also in the editor: what runs keeps its settings.",
    "While it is connected, codex resume does not list sessions of the provider before; they are back when it is disconnected.",
  ],
  folder: (host) => folderBy(host, "CODEX_HOME", ".codex"),
  settings: (host) => [
    {
      path: join(codex.folder(host), "config.toml"),
      format: toml,
      wanted: ({ baseUrl, key, model }) => [
        { path: ["model_provider"], value: "portico" },
        ...(model === undefined ? [] : [{ path: ["model"], value: model }]),
        { path: [...PROVIDER, "name"], value: "Portico" },
        { path: URL, value: `${baseUrl}/v1` },
        { path: [...PROVIDER, "wire_api"], value: "responses" },
        // As a variable it would have to be set in every terminal; with a sign-in, Codex would ask for one.
        { path: [...PROVIDER, "experimental_bearer_token"], value: key, secret: { beside: URL } },
      ],
    },
    {
      path: join(codex.folder(host), ".env"),
      format: dotenv,
      wanted: (target, values) => noProxyValues(target, values),
    },
  ],
  connection([config]) {
    const provider = textAt(config, ["model_provider"]);
    const baseUrl = provider && textAt(config, ["model_providers", provider, "base_url"]);
    return { baseUrl, model: textAt(config, ["model"]) };
  },
  rivals: (host) =>
    [
      "/etc/codex/managed_config.toml",
      join(codex.folder(host), "managed_config.toml"),
      join(host.cwd, ".codex", "config.toml"),
    ].map((path) => ({ path, format: toml, at: AT })),
};
