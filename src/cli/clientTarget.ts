/** What a client is pointed at: the gateway that runs, else the one that its settings would make. */
import { t } from "@vscode/l10n";
import { ANY_KEY, isKeyNeeded } from "../control/clientKey.ts";
import type { ClientTarget } from "../control/clients.ts";
import type { Status } from "../control/contract.ts";
import type { RouteRule } from "../control/settings.ts";
import type { Address } from "../gateway/clients/outdated.ts";
import type { RunnableClient } from "../gateway/clients/table/client.ts";
import { settingsSchema } from "../gateway/settings/settings.ts";
import type { ConnectArguments } from "./command.ts";
import { connectGateway } from "./connect.ts";
import { type Console, steering } from "./output.ts";
import type { Session } from "./session.ts";
import { using } from "./using.ts";

export interface FoundTarget extends Omit<ClientTarget, "model" | "discovers"> {
  /** A gateway answers there now. */
  readonly running: boolean;
  /** What it serves, as far as it is known. */
  readonly models: readonly string[];
  /** Those that are not of a config file. */
  readonly routes: readonly RouteRule[];
}

/** Models named where one has to be chosen. */
const SHOWN_MODELS = 10;
/** @throws words for a person */
export function findTarget(args: Pick<ConnectArguments, "dataDir">, console: Console): Promise<FoundTarget> {
  return using(connectGateway(steering(console, args)), async (session) => {
    if (session === undefined)
      return { ...addressOf(defaultPort()), key: ANY_KEY, running: false, models: [], routes: [] };
    return targetOf(session);
  });
}

/** Of the gateway behind a session; `undefined`: its proxy does not run. */
export async function runningAddress(session: Session): Promise<Address | undefined> {
  const { proxy, authMode } = await session.call("status.get", undefined);
  if (proxy.kind !== "running") return undefined;
  return { baseUrl: proxy.baseUrl, key: await keyOf(session, authMode) };
}

const keyOf = async (session: Session, mode: Status["authMode"]): Promise<string> =>
  isKeyNeeded(mode) ? (await session.call("auth.key", undefined)).apiKey : ANY_KEY;

export async function targetOf(session: Session): Promise<FoundTarget> {
  const { proxy, authMode } = await session.call("status.get", undefined);
  const key = await keyOf(session, authMode);
  const models = (await session.call("models.list", undefined)).map(({ name }) => name);
  const { own: routes } = await session.call("routes.get", undefined);
  if (proxy.kind === "running") return { baseUrl: proxy.baseUrl, key, running: true, models, routes };
  const { values } = await session.call("settings.get", undefined);
  return { ...addressOf(values.port), key, running: false, models, routes };
}

function addressOf(port: number): { baseUrl: string } {
  if (port === 0) {
    throw new Error(
      t("The port is another at every start. Start Portico first, or give it a port of its own."),
    );
  }
  return { baseUrl: `http://127.0.0.1:${port}` };
}

const defaultPort = () => settingsSchema.shape.port.parse(undefined);

/** What to say where one has to be chosen. */
export function whichModel(
  { label, id }: Pick<RunnableClient, "label" | "id">,
  models: readonly string[],
  command: "connect" | "run",
): string {
  const some = models.slice(0, SHOWN_MODELS).join(", ");
  const more = models.length > SHOWN_MODELS ? ", …" : "";
  const among = models.length === 0 ? "" : ` ${t("There are: {0}.", `${some}${more}`)}`;
  return `${t("{0} has to be told a model: {1}.", label, `portico ${command} --model NAME ${id}`)}${among}`;
}
