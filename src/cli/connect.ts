/** Finds whoever can answer a command. */
import { existsSync } from "node:fs";
import { foldersOf } from "./folders.ts";
import { findGateway } from "./gateways.ts";
import { CALL_MS, type ConnectOptions, type Session } from "./session.ts";

/** The running gateway; `undefined`: none runs. */
export async function connectRunning({
  dataDir,
  env,
  ...hears
}: ConnectOptions): Promise<Session | undefined> {
  const folders = foldersOf(dataDir, env);
  const found = await findGateway({ folders, only: dataDir !== undefined, ...hears });
  if (found === undefined) return undefined;
  const { client, address } = found;
  return {
    running: { pid: address.pid, version: address.version },
    dataDir: found.dataDir,
    call: (method, params, timeoutMs = CALL_MS) => client.call(method, params, { timeoutMs }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

/** Whoever can answer: the running gateway, else the data folder, which is made where there is none. */
export async function openGateway(options: ConnectOptions): Promise<Session> {
  const running = await connectRunning(options);
  if (running !== undefined) return running;
  // The whole gateway takes its time to load.
  const { openLocalSession } = await import("./localSession.ts");
  return openLocalSession(options);
}

/** The same; `undefined`: there is neither. */
export async function connectGateway(options: ConnectOptions): Promise<Session | undefined> {
  const { dataDir, env, config } = options;
  const isThere = config !== undefined || existsSync(foldersOf(dataDir, env).data);
  return isThere ? openGateway(options) : connectRunning(options);
}
