/** Finds the gateway that runs on this computer, whoever started it. */
import { join } from "node:path";
import type { EventName, Events } from "../control/contract.ts";
import { type ControlAddress, readAddress } from "../gateway/control/address.ts";
import { ControlError } from "../gateway/control/channel.ts";
import { type ControlClient, connectControl } from "../gateway/control/client.ts";
import { readPointers } from "../gateway/control/pointers.ts";
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
  onEvent?<E extends EventName>(event: E, data: Events[E]): void;
  onClose?(): void;
}

/** The one of the usual data folder first, else the one that was started last. */
export async function findGateway(options: FindOptions): Promise<RunningGateway | undefined> {
  const { folders, only } = options;
  const usual = await attach(folders.data, options);
  if (usual !== undefined || only) return usual;
  for (const { dataDir } of await readPointers(folders.runtime)) {
    if (dataDir === folders.data) continue;
    const found = await attach(dataDir, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns `undefined` where nobody answers who knows the token. */
async function attach(dataDir: string, options: FindOptions): Promise<RunningGateway | undefined> {
  const address = await readAddress(join(dataDir, "gateway.json"));
  if (address === undefined) return undefined;
  try {
    const { onEvent, onClose } = options;
    const client = await connectControl(address, {
      ...(onEvent === undefined ? {} : { onEvent: (event, data) => onEvent(event, data) }),
      ...(onClose === undefined ? {} : { onClose: () => onClose() }),
    });
    return { client, address, dataDir, [Symbol.asyncDispose]: async () => client.close() };
  } catch (error) {
    if (error instanceof ControlError) return undefined;
    throw error;
  }
}
