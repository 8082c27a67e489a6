/** Labels of Token Stats: of groups, presets, buckets and errors. */

import { t } from "@vscode/l10n";
import { isProtocol } from "../../../control/protocol.ts";
import { NO_NAME } from "../../../control/requests.ts";
import type { StatsBucket, StatsBy, StatsGroup } from "../../../control/stats.ts";
import { protocolName } from "../../requestLabels.ts";
import { locale } from "../../start.ts";
import type { Buckets } from "./ChartFigure.tsx";
import type { Preset } from "./period.ts";
import { REST } from "./series.ts";

export function byTitle(by: StatsBy): string {
  const titles: Record<StatsBy, string> = {
    model: t("Model"),
    account: t("Account"),
    client: t("Client"),
    protocol: t("Protocol"),
    key: t("Client key"),
  };
  return titles[by];
}

export function presetTitle(preset: Preset): string {
  const titles: Record<Preset, string> = {
    hour: t("Hour"),
    day: t("Day"),
    week: t("Week"),
    month: t("Month"),
    custom: t("Custom"),
  };
  return titles[preset];
}

/** With what the gateway has no words for. */
export function namedGroups(groups: readonly StatsGroup[], by: StatsBy): StatsGroup[] {
  return groups.map((group) => ({ ...group, label: groupLabel(group, by) }));
}

function groupLabel({ key, label }: StatsGroup, by: StatsBy): string {
  if (key === REST) return t("others");
  if (key === NO_NAME) {
    const none: { readonly [B in StatsBy]?: string } = {
      account: t("no account"),
      model: t("no model"),
      key: t("no client key"),
    };
    return none[by] ?? t("not known");
  }
  return by === "protocol" && isProtocol(key) ? protocolName(key) : label;
}

/** How buckets are named on axes, in legends and in tables. */
export function bucketLabel(starts: readonly number[], bucket: StatsBucket): Buckets {
  const words = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const time = words({ hour: "2-digit", minute: "2-digit" });
  const day = words({ month: "short", day: "numeric" });
  const dayAndTime = words({
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  const wholeDay = words({ weekday: "short", month: "short", day: "numeric", year: "numeric" });
  const hours = bucket !== "day";
  const short = starts.length <= 8 && !hours ? words({ weekday: "short", day: "numeric" }) : day;
  return {
    starts,
    ticks: starts.map((start) => (hours ? time : short).format(start)),
    names: starts.map((start) => (hours ? dayAndTime : wholeDay).format(start)),
  };
}
