/** `portico connect` and `portico disconnect`: what changes is shown, then asked, then written. */

import { t } from "@vscode/l10n";
import { clientSpec, openConnections, systemHost } from "../gateway/clients/connections.ts";
import { changeOffers, offeredBy } from "../gateway/clients/offers.ts";
import { beatenBy } from "../gateway/clients/rivals.ts";
import type { ClientSpec } from "../gateway/clients/table/client.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { agreed } from "./agreed.ts";
import { isNothing, showChange } from "./clientChange.ts";
import { endOffers, setOffers, showOffers } from "./clientOffers.ts";
import { type FoundTarget, findTarget, whichModel } from "./clientTarget.ts";
import { type ConnectArguments, type DisconnectArguments, UsageError } from "./command.ts";
import type { Console, ExitCode } from "./output.ts";
import { paint, plain } from "./screen.ts";
import { updateAll } from "./updateClients.ts";

/** Milliseconds for the real request. */
const REQUEST_MS = 60_000;

export async function connectClient(args: ConnectArguments, console: Console): Promise<ExitCode> {
  const host = systemHost(console.env);
  const spec = clientSpec(args.client);
  const connections = openConnections({ host, clock: systemClock });
  const { running, models, routes, ...address } = await findTarget(args, console);
  const model = args.model === undefined ? {} : { model: args.model };
  if (args.model === undefined && running) {
    const state = (await connections.written(address)).find(({ id }) => id === spec.id);
    // It keeps the model that it has.
    if (state?.outdated !== undefined) {
      if (!(await updateAll([spec], connections, address, args.yes, console))) return 1;
      return tried(spec, { ...address, models }, state.model, console);
    }
  }
  if (args.model === undefined && spec.ownModels === undefined)
    throw new UsageError(whichModel(spec, models, "connect"));
  if (args.offers !== undefined && spec.discovery === undefined)
    throw new UsageError(t("{0} lists no models of others; --offer is for Claude Code", spec.label));
  const offered =
    spec.discovery === undefined ? [] : (args.offers?.filter((each) => each !== "") ?? offeredBy(routes));
  const offers = changeOffers(routes, spec.discovery === undefined ? offeredBy(routes) : offered);
  const isOffered = offers.added.length + offers.removed.length === 0;
  const target = { ...address, ...model, discovers: offered.length > 0 };
  const change = await connections.planConnect(spec.id, target);
  showChange(change, console);
  showOffers(offers, console);
  const { out } = console;
  for (const text of await beatenBy(spec, host)) {
    out.line(paint(out, "yellow", `! ${plain(text)}`));
  }
  for (const note of spec.notes) out.line(`- ${note}`);
  if (isNothing(change) && isOffered)
    out.line(t("{0} is connected to {1} already.", spec.label, address.baseUrl));
  else {
    if (!(await agreed(t("Connect {0} to {1}?", spec.label, address.baseUrl), args.yes, console))) return 1;
    await connections.connect(spec.id, target, change);
    if (!isOffered) await setOffers(args.dataDir, offered, console);
    out.line(t("{0} is connected. Put it back: {1}", spec.label, `${out.program} disconnect ${spec.id}`));
    if (running) out.line(t("While Portico is stopped, {0} is refused.", spec.label));
  }
  if (!running) {
    out.line(t("Portico does not run there now: until it does, {0} is refused.", spec.label));
    return 0;
  }
  return tried(spec, { ...address, models }, args.model, console);
}

export async function disconnectClient(args: DisconnectArguments, console: Console): Promise<ExitCode> {
  const spec = clientSpec(args.client);
  const connections = openConnections({ host: systemHost(console.env), clock: systemClock });
  const change = await connections.planDisconnect(spec.id);
  const { out } = console;
  showChange(change, console);
  if (!isNothing(change) && !(await agreed(t("Disconnect {0}?", spec.label), args.yes, console))) return 1;
  await connections.disconnect(spec.id, change);
  const { discovery } = spec;
  if (discovery !== undefined && change.files.some(({ before }) => before?.includes(discovery)))
    await endOffers(console);
  out.line(t("{0} is no longer connected.", spec.label));
  return 0;
}

/** One real request, as the client would send it but for its protocol. */
async function tried(
  { label, ownModels = "" }: ClientSpec,
  { baseUrl, key, models }: Pick<FoundTarget, "baseUrl" | "key" | "models">,
  chosen: string | undefined,
  { out }: Console,
): Promise<ExitCode> {
  const model = chosen ?? models.find((each) => each.startsWith(ownModels));
  if (model === undefined) {
    out.line(
      t(
        "No account has a model of its own choice ({0}): give one with --model, or a route for {1}.",
        `${ownModels}-…`,
        `${ownModels}-*`,
      ),
    );
    return 1;
  }
  try {
    const reply = await fetch(`${baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
        "user-agent": "portico",
      },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Say hello in one word." }] }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await reply.text();
    if (reply.ok) {
      out.line(paint(out, "green", `A request for ${plain(model)} was answered by way of ${baseUrl}.`));
      return 0;
    }
    out.line(
      paint(
        out,
        "red",
        t("A request for {0} failed ({1}): {2}", plain(model), reply.status, plain(errorText(text))),
      ),
    );
  } catch (error) {
    out.line(paint(out, "red", t("A request for {0} failed: {1}", plain(model), plain(messageOf(error)))));
  }
  out.line(t("{0} is connected all the same; Monitor has the details.", label));
  return 1;
}

function errorText(body: string): string {
  const found = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  return found === undefined ? body.slice(0, 300) : String(JSON.parse(found));
}
