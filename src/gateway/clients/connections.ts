/**
 * Connects clients by their own settings files, and puts these back. What is written is recorded first, so that a
 * crash between any two steps leaves a file that can be put back.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { ClientChange, ClientState, ClientTarget, FileChange } from "../../control/clients.ts";
import { LOCAL_HOSTS } from "../../control/noProxy.ts";
import { badRequest, PorticoError } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import type { Clock } from "../common/ports.ts";
import { cachesOfOurs } from "./caches.ts";
import { type ClientFile, named, readClientFile, removeFolders, writeClientFile } from "./clientFile.ts";
import { programOf, readSettings, type SettingsState, settingsOf } from "./clientState.ts";
import {
  type Address,
  aPorticoAnswers,
  isOutdated,
  oursIn,
  rootOf,
  updated,
  updatedValue,
} from "./outdated.ts";
import { planConnect, planDisconnect, type Undone, type Version } from "./plan.ts";
import { type FileRecord, MOST_FILES, openRecords, recordsFolder } from "./records.ts";
import { proxyVariable } from "./rivals.ts";
import type { SuspendedClient } from "./suspended.ts";
import type { ClientHost, ClientSettings, ClientSpec, Target } from "./table/client.ts";
import { CLIENTS, clientNamed } from "./table/index.ts";

// Shown beside what is planned, and loaded with it.
export { changeOffers, offeredBy, offerText } from "./offers.ts";
export { diffOf, shownTexts } from "./textDiff.ts";

export interface Connections {
  /** Every client that is connected by its settings, in the order of the table. @param here to say what is outdated */
  list(here?: Address): Promise<ClientState[]>;
  /** Those alone that Portico has written to, without asking their programs anything. @param here as of `list` */
  written(here?: Address): Promise<(Pick<ClientState, "id" | "label"> & SettingsState)[]>;
  /** What `connect` would change now. @throws PorticoError, also where a file cannot be changed without harm */
  planConnect(client: string, target: ClientTarget): Promise<ClientChange>;
  planDisconnect(client: string): Promise<ClientChange>;
  /** What would bring the address and key that Portico wrote up to date; all else in the files stays. */
  planUpdate(client: string, here: Address): Promise<ClientChange>;
  /** @param expected what a person has seen; where it would be another change now, nothing is written */
  connect(client: string, target: ClientTarget, expected: ClientChange): Promise<void>;
  disconnect(client: string, expected: ClientChange): Promise<void>;
  update(client: string, here: Address, expected: ClientChange): Promise<void>;
  /**
   * Disconnects a client for as long as Portico does not run.
   * @param keep is told first what connects it again
   */
  suspend(client: string, keep: (suspended: SuspendedClient) => Promise<void>): Promise<void>;
  /** @returns its label; `undefined`: somebody has changed what it is connected to, and nothing is written */
  resume(suspended: SuspendedClient, here: Address): Promise<string | undefined>;
}

export interface ConnectionsOptions {
  readonly host: ClientHost;
  readonly clock: Pick<Clock, "now">;
  /** Whether some Portico answers at an address; by default it is asked. */
  readonly answers?: (baseUrl: string) => Promise<boolean>;
  /** Milliseconds to wait while another Portico changes what is connected. */
  readonly lockMs?: number;
}

/** The computer that this process runs on. */
export function systemHost(env: ClientHost["env"]): ClientHost {
  const { platform } = process;
  // As each of the clients finds it.
  const home = (platform === "win32" ? env.USERPROFILE : env.HOME) || homedir();
  return { platform, env, home, cwd: process.cwd(), exists: existsSync };
}

/** By its id or its program's name. @throws PorticoError with the names that there are */
export const clientSpec = (name: string): ClientSpec => clientNamed(name, CLIENTS);

export function openConnections(options: ConnectionsOptions): Connections {
  const { host, clock, answers = aPorticoAnswers, lockMs } = options;
  const records = openRecords(recordsFolder(host), clock, lockMs);

  async function connecting(id: string, target: ClientTarget): Promise<ConnectStep[]> {
    const spec = clientSpec(id);
    if (spec.ownModels === undefined && target.model === undefined) {
      throw badRequest(`${spec.label} has to be told a model.`);
    }
    const recorded = await records.read(id);
    const noProxy =
      proxyVariable(host) === undefined ? {} : { noProxy: [...LOCAL_HOSTS, ...hostOf(target.baseUrl)] };
    const steps = await Promise.all(
      spec.settings(host).map((each, at) => connectStep(each, at, { ...target, ...noProxy }, recorded)),
    );
    // A file that nothing goes into is none of ours, unless something went into it before.
    return steps.filter(
      ({ file, record }) => record.changes.length > 0 || recorded.some(({ path }) => path === file.path),
    );
  }

  async function disconnecting(id: string): Promise<Step[]> {
    const spec = clientSpec(id);
    const recorded = await records.read(id);
    if (recorded.length === 0) throw badRequest(`${spec.label} was not connected by Portico.`);
    const all = spec.settings(host);
    const steps = await Promise.all(
      recorded.map(async (record) => {
        const settings = all[record.settings];
        if (settings === undefined) throw new PorticoError("internal", `${spec.label} has no such settings.`);
        const file = await readClientFile(record.path);
        return named(record.path, () => {
          const undone = planDisconnect(file.text, settings.format, record.versions);
          return { file, undone, after: undone.text, folders: record.folders };
        });
      }),
    );
    const caches = await cachesOfOurs(spec, host, recorded);
    return [...steps, ...caches.map((file) => ({ file, undone: GONE, after: undefined, folders: [] }))];
  }

  async function updating(id: string, here: Address): Promise<ConnectStep[]> {
    const spec = clientSpec(id);
    const recorded = await records.read(id);
    const { baseUrl } = await readSettings(spec, host);
    if (baseUrl === undefined) return [];
    const all = spec.settings(host);
    const steps = await Promise.all(
      recorded.map(async (record) => {
        const settings = all[record.settings];
        const file = await readClientFile(record.path);
        if (settings === undefined || file.text === undefined) return [];
        const wanted = () => updated(file.text ?? "", settings.format, record.versions, baseUrl, here);
        const step = named(record.path, () =>
          stepOf(file, { ...settings, wanted }, record.settings, here, record),
        );
        return step.record.changes.length === 0 ? [] : [step];
      }),
    );
    return steps.flat();
  }

  /** What connects it again, once `steps` are done. */
  async function toResume(id: string, steps: readonly Step[]): Promise<SuspendedClient> {
    const spec = clientSpec(id);
    const recorded = await records.read(id);
    const all = spec.settings(host);
    const { baseUrl, read } = await readSettings(spec, host);
    const root = rootOf(baseUrl ?? "");
    const files = recorded.map(({ path, settings: at, versions }) => {
      const text = steps.find(({ file }) => file.path === path)?.file.text;
      const format = all[at]?.format;
      const ours = text === undefined || format === undefined ? [] : oursIn(text, format, versions);
      // Keys are not kept: the one of then is shown then.
      const wanted = ours.map((change) => updatedValue(change, root, { baseUrl: root, key: "" }));
      return { path, settings: at, wanted };
    });
    const after = read.map(({ path, text }, at) => {
      const step = steps.find(({ file }) => file.path === path);
      return all[at]?.format.parse((step === undefined ? text : step.after) ?? "");
    });
    const own = spec.connection(after).baseUrl;
    return { id, baseUrl: root, files, ...(own === undefined ? {} : { own }) };
  }

  async function resuming({ id, files, baseUrl }: SuspendedClient, here: Address): Promise<ConnectStep[]> {
    const all = clientSpec(id).settings(host);
    const steps = await Promise.all(
      files.map(async ({ path, settings: at, wanted }) => {
        const settings = all[at];
        const file = settings === undefined ? undefined : await readClientFile(settings.path);
        // Its settings are elsewhere by now.
        if (settings === undefined || file?.path !== path || wanted.length === 0) return [];
        const again = () => wanted.map((each) => updatedValue(each, baseUrl, here));
        return [named(path, () => stepOf(file, { ...settings, wanted: again }, at, here, undefined))];
      }),
    );
    return steps.flat();
  }

  /** @param plan what is to be written now, which has to be what was `expected` */
  const write = (id: string, plan: () => Promise<ConnectStep[]>, expected: ClientChange): Promise<void> =>
    records.hold(async () => {
      const steps = await plan();
      refuseOther(steps, expected);
      // With what was written before: until the files are, nobody knows which of both stands there.
      const earlier = await records.read(id);
      // Of a file that the client reads no longer, the record stays: it is put back with the others.
      const kept = earlier
        .filter(({ path }) => !steps.some(({ file }) => file.path === path))
        .slice(0, MOST_FILES - steps.length);
      const recorded = steps.map(recordOf);
      await records.write(id, [...kept, ...recorded]);
      const folders = new Map<string, string[]>();
      for (const { file, after } of steps) {
        if (after !== file.text) folders.set(file.path, await writeClientFile(file, after));
      }
      await records.write(id, [
        ...kept,
        ...recorded.map((record) => ({
          ...record,
          versions: record.versions.slice(-1),
          folders: [...(folders.get(record.path) ?? []), ...record.folders],
        })),
      ]);
    });

  /** @param here absent: nothing is said of what is outdated */
  async function settingsState(spec: ClientSpec, here: Address | undefined): Promise<SettingsState> {
    const state = await settingsOf(spec, host, records);
    if (here === undefined || !state.undoable || state.baseUrl === undefined) return state;
    const change = async () => changeOf(await updating(spec.id, here));
    const outdated = await isOutdated(state.baseUrl, here, change, answers);
    return outdated === undefined ? state : { ...state, outdated };
  }

  return {
    list: (here) =>
      Promise.all(
        CLIENTS.map(async (spec) => ({
          ...(await programOf(spec, host)),
          ...(await settingsState(spec, here)),
        })),
      ),
    async written(here) {
      const names = await records.names();
      const specs = CLIENTS.filter(({ id }) => names.includes(id));
      return Promise.all(
        specs.map(async (spec) => ({
          id: spec.id,
          label: spec.label,
          ...(await settingsState(spec, here)),
        })),
      );
    },
    planConnect: async (id, target) => changeOf(await connecting(id, target)),
    planDisconnect: async (id) => changeOf(await disconnecting(id)),
    planUpdate: async (id, here) => changeOf(await updating(id, here)),
    connect: (id, target, expected) => write(id, () => connecting(id, target), expected),
    update: (id, here, expected) => write(id, () => updating(id, here), expected),
    disconnect: (id, expected) =>
      records.hold(async () => {
        const steps = await disconnecting(id);
        refuseOther(steps, expected);
        await putBack(id, steps);
      }),
    suspend: (id, keep) =>
      records.hold(async () => {
        const steps = await disconnecting(id);
        await keep(await toResume(id, steps));
        await putBack(id, steps);
      }),
    async resume(suspended, here) {
      const { id, own } = suspended;
      const spec = clientSpec(id);
      const isTaken = async () =>
        (await records.read(id)).length > 0 || (await readSettings(spec, host)).baseUrl !== own;
      if (await isTaken()) return undefined;
      const plan = () => resuming(suspended, here);
      const steps = await plan();
      if (steps.length === 0) return undefined;
      await write(id, plan, changeOf(steps));
      return spec.label;
    },
  };

  async function putBack(id: string, steps: readonly Step[]): Promise<void> {
    for (const { file, after } of steps) {
      if (after !== file.text) await writeClientFile(file, after);
    }
    for (const { after, folders } of steps) if (after === undefined) await removeFolders(folders);
    await records.write(id, []);
  }
}

/** What happens to one file. */
interface Step {
  readonly file: ClientFile;
  readonly undone: Undone;
  readonly after: string | undefined;
  readonly folders: readonly string[];
}

/** A file that goes whole. */
const GONE: Undone = { text: undefined, left: [], dropped: [] };

interface ConnectStep extends Step {
  /** Which of the client's settings it is. */
  readonly settings: number;
  /** To be recorded first. */
  readonly record: Version;
}

async function connectStep(
  settings: ClientSettings,
  at: number,
  target: Target,
  recorded: readonly FileRecord[],
): Promise<ConnectStep> {
  const file = await readClientFile(settings.path);
  const record = recorded.find((each) => each.path === file.path);
  return named(settings.path, () => stepOf(file, settings, at, target, record));
}

/** @param settings the client's, and `at` which of them */
function stepOf(
  file: ClientFile,
  { format, wanted }: Pick<ClientSettings, "format" | "wanted">,
  at: number,
  target: Target,
  record: FileRecord | undefined,
): ConnectStep {
  const versions = record?.versions ?? [];
  const original = planDisconnect(file.text, format, versions).text;
  const plan = planConnect(file.text, format, wanted(target, format.parse(original ?? "")), versions);
  const folders = record?.folders ?? [];
  return { file, settings: at, undone: plan, after: plan.text, record: plan.version, folders };
}

/** With what stands in the file until it is written. */
function recordOf(step: ConnectStep): FileRecord {
  const { settings, record, folders } = step;
  const { undone } = step.undone;
  const versions = undone === undefined ? [record] : [undone, record];
  return { path: step.file.path, settings, versions, folders };
}

function changeOf(steps: readonly Step[]): ClientChange {
  return {
    files: steps.map(({ file, after }): FileChange => compact({ path: file.path, before: file.text, after })),
    left: steps.flatMap(({ undone }) => undone.left),
    dropped: steps.flatMap(({ undone }) => undone.dropped),
  };
}

function refuseOther(steps: readonly Step[], expected: ClientChange): void {
  const { files } = changeOf(steps);
  const asSeen =
    files.length === expected.files.length &&
    files.every((each, index) => {
      const seen = expected.files[index];
      return each.path === seen?.path && each.before === seen.before && each.after === seen.after;
    });
  if (!asSeen)
    throw new PorticoError("unavailable", "A file was changed by another program just now. Try again.");
}

function hostOf(baseUrl: string): string[] {
  const host = new URL(baseUrl).hostname.replace(/^\[(.*)\]$/, "$1");
  return LOCAL_HOSTS.includes(host) ? [] : [host];
}
