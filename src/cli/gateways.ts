/** Finds the gateway that runs on this computer, whoever started it. */
import { join } from "node:path";
import { t } from "@vscode/l10n";
import { ControlError } from "../control/channel.ts";
import type { EventName, Events } from "../control/contract.ts";
import { isLed } from "../gateway/common/leaderLock.ts";
import { type ControlAddress, readAddress } from "../gateway/controlServer/address.ts";
import { type ControlClient, connectControl } from "../gateway/controlServer/client.ts";
import { discover } from "../gateway/controlServer/discovery.ts";
import type { Folders } from "./folders.ts";

export interface RunningGateway extends AsyncDisposable {
  readonly client: ControlClient;
  readonly address: ControlAddress;
  /** Its data folder. */
  readonly dataDir: string;
}

export interface FindOptions {
  readonly folders: Folders;
  /** Look in `folders.data` alone. */
  readonly only: boolean;
  /** Milliseconds that one which lives may take to answer. */
  readonly waitMs?: number;
  onEvent?<E extends EventName>(event: E, data: Events[E]): void;
  onClose?(): void;
}

/** Milliseconds: a busy one answers late, and whoever asks does nothing meanwhile. */
const WAIT_MS = 15_000;

/**
 * The one of the usual data folder first, else the one that was started last.
 * @throws where one lives and does not answer: nobody may work behind its back.
 */
export async function findGateway(options: FindOptions): Promise<RunningGateway | undefined> {
  const { folders, only } = options;
  const usual = await attach(folders.data, options);
  if (usual !== undefined || only) return usual;
  for (const { dataDir } of await discover(folders.runtime)) {
    if (dataDir === folders.data) continue;
    const found = await attach(dataDir, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns `undefined` where nobody answers who knows the token. @throws where one lives and does not answer */
async function attach(dataDir: string, options: FindOptions): Promise<RunningGateway | undefined> {
  const address = await readAddress(join(dataDir, "gateway.json"));
  if (address === undefined) return undefined;
  try {
    const { onEvent, onClose, waitMs = WAIT_MS } = options;
    const client = await connectControl(address, {
      timeoutMs: waitMs,
      ...(onEvent === undefined ? {} : { onEvent: (event, data) => onEvent(event, data) }),
      ...(onClose === undefined ? {} : { onClose: () => onClose() }),
    });
    return { client, address, dataDir, [Symbol.asyncDispose]: async () => client.close() };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // Its process lives, whatever else has got its port since.
    if (error.code !== "timeout" || !isLed(join(dataDir, "leader.db"))) return undefined;
    throw new Error(
      t(
        "Portico runs with the data folder {0} (pid {1}), but does not answer. Try again in a moment; if it stays so, end that process and start Portico again.",
        dataDir,
        address.pid,
      ),
    );
  }
}
