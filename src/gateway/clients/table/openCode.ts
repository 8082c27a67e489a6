/** OpenCode, and Kilo's command line, which is made from it. https://opencode.ai/docs/config */
import { join } from "node:path";
import { textAt } from "../values.ts";
import {
  administratorsFolder,
  type ClientSpec,
  firstOf,
  foldersUp,
  LOOSE_JSON,
  xdgFolder,
} from "./client.ts";

const PROVIDER = ["provider", "portico"];
const URL = [...PROVIDER, "options", "baseURL"];

interface Names {
  readonly id: string;
  readonly label: string;
  /** Of its program, its folder and its files. */
  readonly name: string;
  readonly install: string;
  /** Folders for it in a project and in the home folder. */
  readonly folders: readonly string[];
  /** Another name of its files, which goes first where both are. */
  readonly olderName?: string;
}

const filesOf = (name: string, folder: string) => [
  join(folder, `${name}.json`),
  join(folder, `${name}.jsonc`),
];

function madeFrom({ id, label, name, install, folders, olderName }: Names): ClientSpec {
  const variable = name.toUpperCase();
  const names = olderName === undefined ? [name] : [name, olderName];
  const filesIn = (folder: string) => names.flatMap((each) => filesOf(each, folder));
  const spec: ClientSpec = {
    id,
    label,
    programs: [name],
    install,
    keepsNoProxy: false,
    variables: [`${variable}_CONFIG`, `${variable}_CONFIG_DIR`, `${variable}_CONFIG_CONTENT`],
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
    rivals(host) {
      const inFolders = (folder: string) => folders.map((each) => join(folder, each));
      const places = [
        administratorsFolder(host, { unix: name, mac: name, windows: name }),
        ...foldersUp(host).flatMap((folder) => [folder, ...inFolders(folder)]),
        ...inFolders(host.home),
      ];
      const older = olderName === undefined ? [] : filesOf(olderName, spec.folder(host));
      return [...new Set([...older, ...places.flatMap(filesIn)])]
        .filter(host.exists)
        .map((path) => ({ path, format: LOOSE_JSON, at: [["model"], PROVIDER] }));
    },
  };
  return spec;
}

export const openCode = madeFrom({
  id: "opencode",
  label: "OpenCode",
  name: "opencode",
  install: "npm install -g opencode-ai (https://opencode.ai/docs)",
  folders: [".opencode"],
});

export const kilo = madeFrom({
  id: "kilo",
  label: "Kilo Code",
  name: "kilo",
  install: "npm install -g @kilocode/cli (https://kilo.ai/docs/cli)",
  folders: [".kilo", ".kilocode"],
  olderName: "opencode",
});
