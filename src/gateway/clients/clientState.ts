/** What is to be known of a client: its program, what its settings say, and whether that is ours. */
import type { ClientState } from "../../control/clients.ts";
import { PorticoError } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import { named, readClientFile } from "./clientFile.ts";
import { findProgram, versionOf } from "./detect.ts";
import type { FileRecord, Records } from "./records.ts";
import { beatenBy } from "./rivals.ts";
import { canRun } from "./runs.ts";
import type { ClientHost, ClientSpec } from "./table/client.ts";
import { holds } from "./values.ts";

/** What a client's settings say, and whether that is ours. */
export type SettingsState = Pick<
  ClientState,
  "connected" | "undoable" | "baseUrl" | "model" | "problem" | "outdated"
>;

/** Whether it is on this computer, and what goes before its settings. */
export async function programOf(
  spec: ClientSpec,
  host: ClientHost,
): Promise<Omit<ClientState, keyof SettingsState>> {
  const program = findProgram(spec.programs, host);
  const version = program === undefined ? undefined : await versionOf(program, host.env);
  const runs = spec.ownModels === undefined ? "with-model" : "alone";
  return compact({
    id: spec.id,
    label: spec.label,
    found: program !== undefined || host.exists(spec.folder(host)),
    program,
    version,
    command: spec.programs[0],
    install: spec.install,
    runs: canRun(spec.id) ? runs : undefined,
    files: spec.settings(host).map(({ path }) => path),
    beatenBy: await beatenBy(spec, host),
  });
}

/** Its files as they are, and what they say. @throws PorticoError where one cannot be read */
export async function readSettings(spec: ClientSpec, host: ClientHost) {
  const settings = spec.settings(host);
  const read = await Promise.all(settings.map(({ path }) => readClientFile(path)));
  const values = read.map(({ text }, index) =>
    named(settings[index]?.path ?? "", () => settings[index]?.format.parse(text ?? "")),
  );
  return { read, values, ...spec.connection(values) };
}

export async function settingsOf(
  spec: ClientSpec,
  host: ClientHost,
  records: Records,
): Promise<SettingsState> {
  let undoable = false;
  try {
    const recorded = await records.read(spec.id);
    undoable = recorded.length > 0;
    const { read, values, baseUrl, model } = await readSettings(spec, host);
    // What it read before under another name says nothing of what it reads now.
    const ours = recorded.flatMap((record) => {
      const at = read.findIndex(({ path }) => path === record.path);
      return at < 0 ? [] : [isOurs(record, values[at])];
    });
    const connected = ours.length > 0 && ours.every(Boolean);
    return compact({ connected, undoable, baseUrl: baseUrl && addressOf(baseUrl), model });
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    return { connected: false, undoable, problem: error.message };
  }
}

/** As it may be shown: without its end, and without what may be a key. */
function addressOf(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url === null) return baseUrl.slice(0, 200);
  return `${url.origin}${url.pathname}`.replace(/\/(?:v1\/?)?$/, "");
}

function isOurs(record: FileRecord | undefined, values: unknown): boolean {
  return record?.versions.some(({ changes }) => changes.every((change) => holds(values, change))) ?? false;
}
