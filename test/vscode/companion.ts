/** The test's side of the companion extension, which measures an extension host from within. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const about = z.object({ port: z.int(), pid: z.int(), workspace: z.string(), time: z.number() });
const delay = z.object({ max: z.number(), mean: z.number(), p99: z.number() });

export interface Companion {
  /** Of the extension host. */
  readonly pid: number;
  startDelay(): Promise<void>;
  /** Milliseconds. */
  stopDelay(): Promise<z.output<typeof delay>>;
  /** A command by its id, as a link or another extension calls it. */
  run(command: string, argument?: unknown): Promise<void>;
}

/** The youngest companion in a window of this workspace. Waits for it. */
export async function findCompanion(folder: string, workspace: string, since = 0): Promise<Companion> {
  for (let tries = 0; tries < 300; tries += 1) {
    const names = await readdir(folder).catch(() => []);
    const all = await Promise.all(
      names.map(async (name) => parse(await readFile(join(folder, name), "utf8"))),
    );
    const [found] = all
      .flatMap((each) => (each?.workspace === workspace && each.time >= since ? [each] : []))
      .sort((a, b) => b.time - a.time);
    if (found !== undefined) return companion(found);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no extension host with a companion in a window of ${workspace}`);
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
    run: async (command, argument) => {
      const query = new URLSearchParams({ command, argument: JSON.stringify(argument ?? null) });
      await ask(`/run?${query}`);
    },
  };
}
