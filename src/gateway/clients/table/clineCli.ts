/** Cline's command line; its extensions keep their settings where nobody else can write. https://docs.cline.bot/cline-cli/configuration */
import { join } from "node:path";
import { valueAt } from "../../common/json.ts";
import { textAt } from "../values.ts";
import { type ClientHost, type ClientSpec, folderBy, STRICT_JSON } from "./client.ts";

const PROVIDER = "openai-compatible";
const ENTRY = ["providers", PROVIDER];
const URL = [...ENTRY, "settings", "baseUrl"];
/** It throws an entry away that has none, and puts in its own at the first run. */
const WRITTEN_AT = "2026-01-01T00:00:00.000Z";

export const clineCli: ClientSpec = {
  id: "cline",
  label: "Cline CLI",
  programs: ["cline"],
  install: "npm install -g cline (https://docs.cline.bot/cline-cli/installation)",
  keepsNoProxy: false,
  variables: [],
  notes: [
    "Its hub runs on in the background, with the settings that it was started with: end it, or wait until it ends by itself.",
    "This is of the command line. Cline in an editor keeps its key where nobody else can write it: type it in there.",
  ],
  folder: (host) => clineData(host),
  settings: (host) => [
    {
      path: host.env.CLINE_PROVIDER_SETTINGS_PATH || join(clineData(host), "settings", "providers.json"),
      format: STRICT_JSON,
      wanted: ({ baseUrl, key, model = "" }, values) => [
        ...(valueAt(values, ["version"]) === undefined ? [{ path: ["version"], value: 1 }] : []),
        { path: ["lastUsedProvider"], value: PROVIDER },
        { path: [...ENTRY, "settings", "provider"], value: PROVIDER },
        { path: URL, value: `${baseUrl}/v1` },
        { path: [...ENTRY, "settings", "apiKey"], value: key, secret: { beside: URL } },
        { path: [...ENTRY, "settings", "model"], value: model },
        { path: [...ENTRY, "updatedAt"], value: WRITTEN_AT, renewed: true },
        { path: [...ENTRY, "tokenSource"], value: "manual" },
      ],
    },
  ],
  connection([settings]) {
    if (textAt(settings, ["lastUsedProvider"]) !== PROVIDER) return {};
    return { baseUrl: textAt(settings, URL), model: textAt(settings, [...ENTRY, "settings", "model"]) };
  },
  rivals: () => [],
};

function clineData(host: ClientHost): string {
  const { CLINE_DATA_DIR: data } = host.env;
  return data ? data : join(folderBy(host, "CLINE_DIR", ".cline"), "data");
}
