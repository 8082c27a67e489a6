/** The worker's inside: the channel to its window, the ports that window provides, and its part. */
import { homedir } from "node:os";
import { join } from "node:path";
import { Channel, ControlError, type Serve, type Wire } from "../../control/channel.ts";
import type { ControlEvent, EventName, Events } from "../../control/contract.ts";
import type { WorkerMethods, WorkerStart } from "../../control/window.ts";
import { folderLock } from "../accounts/credentials/lock.ts";
import { keptSecrets, watchedSecrets } from "../accounts/credentials/store.ts";
import { openDataFolder } from "../common/dataFolder.ts";
import { deferred } from "../common/deferred.ts";
import { whyRefused } from "../common/fileFailure.ts";
import { createLog, createRedactor, soon } from "../common/log.ts";
import { type Ports, systemClock } from "../common/ports.ts";
import { runtimeDirectory } from "../config/dataDir.ts";
import { systemPac } from "../config/pac.ts";
import { startLeader } from "../leader/leader.ts";
import type { LeaderDependencies } from "../leader/options.ts";
import { Member } from "./member.ts";
import { windowNetwork } from "./network.ts";
import { type CallWindow, windowSecrets } from "./secrets.ts";

/**
 * Milliseconds that requests in flight get when the window closes, of those that there are in all (`leader/leaving.ts`):
 * the records of those that are cut have to be counted and taken by whoever leads then.
 */
const CLOSE_DRAIN_MS = 2000;
/** Milliseconds that sign-ins get to be ended at their provider, before the data folder is deleted. */
const DELETE_DRAIN_MS = 5000;
const SECRETS_FAILURE =
  "VS Code's secret storage does not answer, so keys cannot be read. Unlock the keyring; Portico then goes on by itself.";

type WorkerHandlers = {
  readonly [M in keyof WorkerMethods]: (params: WorkerMethods[M][0]) => Promise<WorkerMethods[M][1]>;
};

/** Serves one window over `wire` until that closes. */
export async function runWorker(wire: Wire, start: WorkerStart, parts: LeaderDependencies): Promise<void> {
  const redactor = createRedactor();
  let participant: Member | undefined;
  let settings = start.settings;

  const log = createLog({
    level: "debug",
    now: systemClock.now,
    redactor,
    later: soon,
    tell(entry) {
      channel.emit("log", entry);
      participant?.tellOthers(entry);
    },
  });
  // Of the thread. The lines before it ended tell why.
  process.once("exit", log.flush);

  const handlers: WorkerHandlers = {
    async "window.settings"(next) {
      settings = next;
      await participant?.applyWindow(next);
      return undefined;
    },
    async "window.network"(next) {
      network.update(next);
      for (const warning of network.warnings) log.warn(warning);
      return undefined;
    },
    async "window.close"() {
      try {
        await participant?.close(CLOSE_DRAIN_MS);
      } finally {
        log.flush();
      }
      return undefined;
    },
    async "window.delete"() {
      if (participant === undefined) throw new ControlError("failed", "Portico is still starting.");
      return { left: await participant.deleteData(DELETE_DRAIN_MS) };
    },
  };
  const ready = deferred<Serve>();
  const channel: Channel = new Channel(wire, {
    async serve(method, params, signal) {
      const serve = await ready.promise;
      if (!isWorkerMethod(method)) return serve(method, params, signal);
      // Our own window's params: one build, one process.
      return handlers[method](params as never);
    },
    onFailure: (method, thrown) => log.error(`${method} failed`, { error: String(thrown) }),
  });
  function isWorkerMethod(method: string): method is keyof WorkerMethods {
    return Object.hasOwn(handlers, method);
  }
  const callWindow: CallWindow = (method, params) => channel.call(method, params) as Promise<never>;
  const emit = <E extends EventName>(event: E, data: Events[E]) =>
    channel.emit(event, data satisfies ControlEvent["data"]);

  const network = windowNetwork(start.network, process.env);
  for (const warning of network.warnings) log.warn(warning);

  try {
    const folder = await openDataFolder(start.dataDir);
    participant = new Member({
      folder,
      log,
      lead(takeover, held) {
        // A busy extension host must not hold up a request, and only the leader writes: what was read stays true.
        const kept = keptSecrets(windowSecrets(callWindow), systemClock, Infinity);
        const secrets = watchedSecrets(kept, redactor.add);
        const lock = folderLock(folder.locks);
        const ports: Ports = { log, secrets, network, clock: systemClock, random: Math.random, lock };
        const autoStart = takeover ? "restore" : start.autoStart;
        const { version } = start;
        const { redact, secrets: known } = redactor;
        return startLeader({
          folder,
          runtimeDir: runtimeDirectory({ platform: process.platform, env: process.env, home: homedir() }),
          version,
          kind: "vscode",
          restoresClients: true,
          window: settings,
          autoStart,
          secretsFailure: SECRETS_FAILURE,
          pages: join(import.meta.dirname, "webviews"),
          systemPac: () => systemPac(),
          ports,
          parts,
          redact,
          secrets: known,
          onEvent: emit,
          ...held,
        });
      },
      onPart: (part) => channel.emit("part", part),
      onEvent: emit,
    });
    ready.resolve(participant.serve);
  } catch (error) {
    const message = `Portico cannot use its data folder ${start.dataDir}: ${whyRefused(error)}`;
    log.error(message);
    channel.emit("part", { kind: "broken", message });
    ready.resolve(async () => {
      throw new ControlError("failed", message);
    });
  }
}
