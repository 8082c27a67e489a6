/** pi, the coding agent. https://github.com/earendil-works/pi-mono */
import { join } from "node:path";
import { textAt } from "../values.ts";
import { type ClientSpec, folderBy, STRICT_JSON } from "./client.ts";

const PROVIDER = ["providers", "portico"];
const URL = [...PROVIDER, "baseUrl"];

export const pi: ClientSpec = {
  id: "pi",
  label: "pi",
  programs: ["pi"],
  install: "npm install -g @earendil-works/pi-coding-agent (https://github.com/earendil-works/pi-mono)",
  keepsNoProxy: false,
  variables: [],
  notes: [],
  folder: (host) => folderBy(host, "PI_CODING_AGENT_DIR", ".pi", "agent"),
  settings: (host) => [
    {
      path: join(pi.folder(host), "models.json"),
      format: STRICT_JSON,
      wanted: ({ baseUrl, key, model = "" }) => [
        { path: URL, value: `${baseUrl}/v1` },
        { path: [...PROVIDER, "api"], value: "openai-completions" },
        { path: [...PROVIDER, "apiKey"], value: key, secret: { beside: URL } },
        { path: [...PROVIDER, "models"], value: { id: model }, item: true },
      ],
    },
    {
      path: join(pi.folder(host), "settings.json"),
      format: STRICT_JSON,
      wanted: ({ model = "" }) => [
        { path: ["defaultProvider"], value: "portico" },
        { path: ["defaultModel"], value: model },
      ],
    },
  ],
  connection([models, settings]) {
    const model = textAt(settings, ["defaultModel"]);
    return textAt(settings, ["defaultProvider"]) === "portico"
      ? { baseUrl: textAt(models, URL), model }
      : { model };
  },
  rivals: ({ cwd }) => [
    {
      path: join(cwd, ".pi", "settings.json"),
      format: STRICT_JSON,
      at: [["defaultProvider"], ["defaultModel"]],
    },
  ],
};
