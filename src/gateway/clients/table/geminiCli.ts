/** Gemini CLI. https://geminicli.com/docs/reference/configuration */
import { dirname, join } from "node:path";
import { dotenv } from "../formats/dotenv.ts";
import { textAt } from "../values.ts";
import {
  administratorsFolder,
  type ClientHost,
  type ClientSpec,
  JSON_WITH_COMMENTS,
  noProxyValues,
  type Rival,
} from "./client.ts";

const URL = ["GOOGLE_GEMINI_BASE_URL"];
const MODEL = ["GEMINI_MODEL"];

export const geminiCli: ClientSpec = {
  id: "gemini-cli",
  label: "Gemini CLI",
  programs: ["gemini"],
  install: "npm install -g @google/gemini-cli (https://geminicli.com/docs)",
  ownModels: "gemini",
  keepsNoProxy: true,
  variables: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"],
  notes: [
    "A .env file in a project replaces this one, and in a folder that it does not trust it reads neither: portico run gemini-cli works everywhere.",
    "It asks small models of its own beside yours: a route for gemini-* covers them.",
  ],
  folder: ({ env, home }) => join(env.GEMINI_CLI_HOME ? env.GEMINI_CLI_HOME : home, ".gemini"),
  settings: (host) => [
    {
      path: join(geminiCli.folder(host), ".env"),
      format: dotenv,
      wanted: (target, values) => [
        { path: URL, value: target.baseUrl },
        { path: ["GEMINI_API_KEY"], value: target.key, secret: { beside: URL } },
        ...(target.model === undefined ? [] : [{ path: MODEL, value: target.model }]),
        ...noProxyValues(target, values),
      ],
    },
    {
      path: join(geminiCli.folder(host), "settings.json"),
      format: JSON_WITH_COMMENTS,
      wanted: () => [{ path: ["security", "auth", "selectedType"], value: "gemini-api-key" }],
    },
  ],
  connection: ([env]) => ({ baseUrl: textAt(env, URL), model: textAt(env, MODEL) }),
  rivals: (host) => [...nearestEnv(host), ...otherSettings(host)],
};

/** The first `.env` from the project upwards is the only one that is read. */
function nearestEnv(host: ClientHost): Rival[] {
  const own = join(geminiCli.folder(host), ".env");
  for (let folder = host.cwd; ; folder = dirname(folder)) {
    for (const path of [join(folder, ".gemini", ".env"), join(folder, ".env")]) {
      // Any, whatever is in it.
      if (path === own) return [];
      if (host.exists(path)) return [{ path, format: dotenv, at: [[]] }];
    }
    if (folder === dirname(folder)) return [];
  }
}

function otherSettings(host: ClientHost): Rival[] {
  const system =
    host.env.GEMINI_CLI_SYSTEM_SETTINGS_PATH ||
    join(
      administratorsFolder(host, { unix: "gemini-cli", mac: "GeminiCli", windows: "gemini-cli" }),
      "settings.json",
    );
  const project = host.cwd === host.home ? [] : [join(host.cwd, ".gemini", "settings.json")];
  return [system, ...project].map((path) => ({
    path,
    format: JSON_WITH_COMMENTS,
    at: [["security", "auth", "selectedType"]],
  }));
}
