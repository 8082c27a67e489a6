/** The tokens of one request, and what they cost. */
import { t } from "@vscode/l10n";
import type { RequestDetails } from "../../../control/requests.ts";
import { Button } from "../../components/Button.tsx";
import { format } from "../../labels.ts";
import { go } from "../../state/route.ts";
import { Fact, Part } from "./parts.tsx";

export function Tokens({ request }: { request: RequestDetails }) {
  const { tokens, cost } = request;
  if (tokens === undefined) {
    return (
      <Part title={t("Tokens")}>
        <p class="muted">{t("none were counted")}</p>
      </Part>
    );
  }
  const { input, cacheRead, cacheWrite, output, reasoning } = tokens;
  const cached = [
    ...(cacheRead > 0 ? [t("{0} from cache", format.count(cacheRead))] : []),
    ...(cacheWrite > 0 ? [t("{0} written to cache", format.count(cacheWrite))] : []),
  ].join(", ");
  const perSecond = speedOf(request);
  return (
    <Part
      title={t("Tokens")}
      aside={
        cost === undefined ? undefined : <span title={`$${format.exact(cost)}`}>{exactMoney(cost)}</span>
      }
    >
      <dl class="facts">
        <Fact name={t("input")}>
          {format.count(input)}
          {cached !== "" && <span class="muted"> {t("of which {0}", cached)}</span>}
        </Fact>
        <Fact name={t("output")}>
          {format.count(output)}
          {reasoning > 0 && (
            <span class="muted"> {t("of which {0} reasoning", format.count(reasoning))}</span>
          )}
          {perSecond !== undefined && (
            <span class="muted"> · {t("{0} a second", format.count(perSecond))}</span>
          )}
        </Fact>
      </dl>
      {tokens.estimated && (
        <p class="muted">{t("Counted by Portico, because the provider did not say: about right.")}</p>
      )}
      {cost === undefined && request.lane !== "sandbox" && (
        <p class="muted">
          {t("What it cost is not known: no price is known for this model.")}{" "}
          <Button kind="link" onClick={() => go("settings", { part: "prices" })}>
            {t("Set a price")}
          </Button>
        </p>
      )}
    </Part>
  );
}

/** One digit more than the list: requests cost fractions of a cent. */
function exactMoney(usd: number): string {
  return usd >= 1 || usd === 0 ? format.money(usd) : `$${usd.toFixed(4)}`;
}

/** Of what was streamed; where it is too short to tell, nothing. */
function speedOf({ tokens, firstByteMs, durationMs, stream }: RequestDetails): number | undefined {
  if (!stream || tokens === undefined || firstByteMs === undefined) return undefined;
  const seconds = (durationMs - firstByteMs) / 1000;
  return seconds < 0.5 || tokens.output < 20 ? undefined : Math.round(tokens.output / seconds);
}
