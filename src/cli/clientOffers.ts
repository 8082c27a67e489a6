/** The routes by which a client lists Portico's models, in whichever gateway it is connected to. */

import { t } from "@vscode/l10n";
import { changeOffers, type OfferChange, offerText } from "../gateway/clients/offers.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { connectGateway, openGateway } from "./connect.ts";
import { type Console, steering } from "./output.ts";
import { paint, plain } from "./screen.ts";
import { using } from "./using.ts";

/**
 * Has exactly these listed.
 * @param tell is shown the change before it is made, where there is one
 * @throws words for a person
 */
export async function setOffers(
  dataDir: string | undefined,
  models: readonly string[],
  console: Console,
  tell: (change: OfferChange) => void = () => {},
): Promise<void> {
  const connect = models.length > 0 ? openGateway : connectGateway;
  await using(connect(steering(console, { dataDir })), async (session) => {
    if (session === undefined) return;
    const { own } = await session.call("routes.get", undefined);
    const change = changeOffers(own, models);
    if (change.added.length + change.removed.length === 0) return;
    tell(change);
    await session.call("routes.set", change.routes);
  });
}

export function showOffers({ added, removed }: OfferChange, { out }: Console): void {
  for (const each of removed) out.line(paint(out, "red", `- ${t("Route {0}", plain(offerText(each)))}`));
  for (const each of added) out.line(paint(out, "green", `+ ${t("Route {0}", plain(offerText(each)))}`));
}

/** After the client was disconnected: who cannot be asked keeps the routes, which do no harm. Never rejects. */
export async function endOffers(console: Console): Promise<void> {
  const { out } = console;
  try {
    await setOffers(undefined, [], console, (change) => showOffers(change, console));
  } catch (error) {
    out.line(paint(out, "yellow", `! ${t("Its routes stay: {0}", plain(messageOf(error)))}`));
  }
}
