/** The test's side of the companion extension, which measures an extension host from within. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { until } from "./patience.ts";
import type { Workbench } from "./workbench.ts";

const about = z.object({ port: z.int(), pid: z.int(), workspace: z.string(), time: z.number() });
const delay = z.object({ max: z.number(), mean: z.number(), p99: z.number(), work: z.number() });
const themes = z.array(z.object({ id: z.string(), kind: z.string() }));
const models = z.array(z.object({ id: z.string(), name: z.string(), maxInputTokens: z.number() }));
const answer = z.object({
  text: z.string().optional(),
  error: z.string().optional(),
  code: z.string().optional(),
});
const variables = z.record(z.string(), z.string());
const loaded = z.array(z.object({ file: z.string(), bytes: z.int() }));

export interface Companion {
  /** Of the extension host. */
  readonly pid: number;
  startDelay(): Promise<void>;
  /** Milliseconds; `work` is what the extension host's own thread worked meanwhile. */
  stopDelay(): Promise<z.output<typeof delay>>;
  /** Script files of an extension that its host has loaded. */
  loaded(extension: string): Promise<z.output<typeof loaded>>;
  /** Those that VS Code brings along. */
  themes(): Promise<z.output<typeof themes>>;
  /** What the secret storage of this window does, for all its extensions. */
  keyring(mode: "works" | "fails" | "hangs"): Promise<void>;
  /** A setting of the person's; `undefined` takes it away. */
  set(setting: string, value: unknown): Promise<void>;
  /** Portico's, as any extension finds them. */
  chatModels(): Promise<z.output<typeof models>>;
  /** A request as any extension sends it. @param cancel with the first words */
  askModel(model: string, text: string, cancel?: boolean): Promise<z.output<typeof answer>>;
  /** Whether an extension is there and enabled. */
  knows(extension: string): Promise<boolean>;
  /** The variables of a terminal that is opened now. */
  terminal(): Promise<z.output<typeof variables>>;
  /** A command by its id, as a link or another extension calls it. */
  run(command: string, argument?: unknown): Promise<void>;
}

/**
 * The youngest companion in a window, of those since it was loaded whose host lives. Waits for it.
 * @param folder where companions write what they are
 */
export async function findCompanion(
  folder: string,
  { folder: workspace, loadedSince }: Pick<Workbench, "folder" | "loadedSince">,
): Promise<Companion> {
  const look = async () => {
    const names = await readdir(folder).catch(() => []);
    const all = await Promise.all(
      names.map(async (name) => parse(await readFile(join(folder, name), "utf8"))),
    );
    const [found] = all
      .flatMap((each) => (each?.workspace === workspace && each.time >= loadedSince ? [each] : []))
      .filter(({ pid }) => lives(pid))
      .sort((a, b) => b.time - a.time);
    return found;
  };
  return companion(await until(look, () => `no companion in a window of ${workspace}`));
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function parse(text: string): z.output<typeof about> | undefined {
  try {
    return about.safeParse(JSON.parse(text)).data;
  } catch {
    // It is just being written.
    return undefined;
  }
}

function companion({ port, pid }: z.output<typeof about>): Companion {
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).json();
  return {
    pid,
    startDelay: async () => void (await ask("/delay/start")),
    stopDelay: async () => delay.parse(await ask("/delay/stop")),
    loaded: async (extension) => loaded.parse(await ask(`/loaded?${new URLSearchParams({ extension })}`)),
    themes: async () => themes.parse(await ask("/themes")),
    keyring: async (mode) => void (await ask(`/keyring?${new URLSearchParams({ mode })}`)),
    set: async (setting, value) => {
      await ask(`/set?${new URLSearchParams({ setting, value: JSON.stringify(value ?? null) })}`);
    },
    chatModels: async () => models.parse(await ask("/chat/models")),
    askModel: async (model, text, cancel = false) => {
      const query = new URLSearchParams({ model, text, cancel: String(cancel) });
      return answer.parse(await ask(`/chat/ask?${query}`));
    },
    knows: async (extension) => z.boolean().parse(await ask(`/knows?${new URLSearchParams({ extension })}`)),
    terminal: async () => variables.parse(await ask("/terminal")),
    run: async (command, argument) => {
      const query = new URLSearchParams({ command, argument: JSON.stringify(argument ?? null) });
      await ask(`/run?${query}`);
    },
  };
}
