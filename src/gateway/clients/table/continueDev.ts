/** Continue: its command line cn and its extensions share one file. https://docs.continue.dev/reference */
import { join } from "node:path";
import { isRecord, valueAt } from "../../common/json.ts";
import type { Json, Wanted } from "../formats/format.ts";
import { yaml } from "../formats/yaml.ts";
import { textAt } from "../values.ts";
import { type ClientSpec, folderBy, type Target } from "./client.ts";

const MODELS = ["models"];
/** Of the model that we add, as people see it. */
const NAME = "Portico";
/** Without these it refuses the file. */
const HEAD: readonly (readonly [string, string])[] = [
  ["name", "Local Config"],
  ["version", "1.0.0"],
  ["schema", "v1"],
];

export const continueDev: ClientSpec = {
  id: "continue",
  label: "Continue",
  programs: ["cn"],
  install: "npm install -g @continuedev/cli (https://docs.continue.dev/cli/quickstart)",
  keepsNoProxy: true,
  variables: [],
  notes: [
    "Portico becomes the first of its models; where another one was chosen in the editor, choose Portico there.",
  ],
  folder: (host) => folderBy(host, "CONTINUE_GLOBAL_DIR", ".continue"),
  settings: (host) => [
    {
      path: join(continueDev.folder(host), "config.yaml"),
      format: yaml,
      wanted: (target, values) => [
        ...HEAD.filter(([name]) => valueAt(values, [name]) === undefined).map(
          ([name, value]): Wanted => ({ path: [name], value }),
        ),
        { path: MODELS, item: true, value: continueModel(target) },
      ],
    },
  ],
  connection([config]) {
    const listed = valueAt(config, MODELS);
    const ours = Array.isArray(listed)
      ? listed.find((each) => isRecord(each) && each.name === NAME)
      : undefined;
    return { baseUrl: textAt(ours, ["apiBase"]), model: textAt(ours, ["model"]) };
  },
  rivals: () => [],
};

/** With `noProxy` of its own, each model of Continue stays off a proxy. */
export function continueModel({ baseUrl, key, model = "", noProxy }: Target): Json {
  return {
    name: NAME,
    provider: "openai",
    model,
    apiBase: `${baseUrl}/v1`,
    apiKey: key,
    ...(noProxy === undefined ? {} : { requestOptions: { noProxy } }),
  };
}

/** All of a file of its own. */
export const continueConfig = (target: Target): string =>
  JSON.stringify({ ...Object.fromEntries(HEAD), models: [continueModel(target)] });
