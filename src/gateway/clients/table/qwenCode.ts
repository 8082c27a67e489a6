/** Qwen Code. https://qwenlm.github.io/qwen-code-docs/en/users/configuration/settings */
import { join } from "node:path";
import { isRecord, valueAt } from "../../common/json.ts";
import { textAt } from "../values.ts";
import {
  administratorsFolder,
  type ClientSpec,
  folderBy,
  JSON_WITH_COMMENTS,
  noProxyValues,
} from "./client.ts";

const MODELS = ["modelProviders", "openai"];
/** A name of its own: those that everybody sets would go before it. */
const KEY = "PORTICO_API_KEY";

export const qwenCode: ClientSpec = {
  id: "qwen-code",
  label: "Qwen Code",
  programs: ["qwen"],
  install: "npm install -g @qwen-code/qwen-code (https://github.com/QwenLM/qwen-code)",
  keepsNoProxy: true,
  variables: [],
  notes: [],
  folder: (host) => folderBy(host, "QWEN_HOME", ".qwen"),
  settings: (host) => [
    {
      path: join(qwenCode.folder(host), "settings.json"),
      format: JSON_WITH_COMMENTS,
      wanted: (target, values) => [
        {
          path: MODELS,
          item: true,
          value: {
            id: target.model ?? "",
            name: `${target.model ?? ""} (Portico)`,
            envKey: KEY,
            baseUrl: `${target.baseUrl}/v1`,
          },
        },
        { path: ["env", KEY], value: target.key, secret: { beside: MODELS } },
        { path: ["security", "auth", "selectedType"], value: "openai" },
        { path: ["model", "name"], value: target.model ?? "" },
        ...noProxyValues(target, values, "env"),
      ],
    },
  ],
  connection([settings]) {
    const model = textAt(settings, ["model", "name"]);
    const listed = valueAt(settings, MODELS);
    const ours = Array.isArray(listed)
      ? listed.find((each) => isRecord(each) && each.envKey === KEY && each.id === model)
      : undefined;
    return { model, baseUrl: textAt(ours, ["baseUrl"]) };
  },
  rivals: (host) =>
    [
      host.env.QWEN_CODE_SYSTEM_SETTINGS_PATH ||
        join(
          administratorsFolder(host, { unix: "qwen-code", mac: "QwenCode", windows: "qwen-code" }),
          "settings.json",
        ),
      join(host.cwd, ".qwen", "settings.json"),
    ].map((path) => ({
      path,
      format: JSON_WITH_COMMENTS,
      at: [["model", "name"], MODELS, ["security", "auth", "selectedType"]],
    })),
};
