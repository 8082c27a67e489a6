/** Finds whoever can answer a command. */
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

/** Whoever can answer: the running gateway, else the data folder; `undefined`: there is neither. */
export async function connectGateway(options: ConnectOptions, make = false): Promise<Session | undefined> {
  const running = await connectRunning(options);
  if (running !== undefined) return running;
  // The whole gateway takes its time to load.
  const { openLocalSession } = await import("./localSession.ts");
  return openLocalSession(options, make);
}
