/** How much there is of something, as a bar. */
import { t } from "@vscode/l10n";
import { format, type Tone } from "../labels.ts";

export interface MeterProps {
  /** Of 0 to 1. */
  share: number;
  tone: Exclude<Tone, "off">;
  /** What is measured, for those who do not see the bar. */
  label: string;
  /** `81 % left`. */
  words: string;
}

export function Meter({ share, tone, label, words }: MeterProps) {
  const percent = Math.min(100, Math.max(0, share * 100));
  return (
    // biome-ignore lint/a11y/useSemanticElements: the browser's own cannot be styled in forced colours
    <span
      class={tone === "ok" ? "meter" : `meter ${tone}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={words}
    >
      {/* A sliver of something is more than nothing. */}
      <span style={{ width: percent > 0 ? `max(${percent}%, 3px)` : "0" }} />
    </span>
  );
}

/** What is left of a quota: plenty, little, hardly any. @param props.share absent: nobody knows, and its place stays empty */
export function LeftMeter({ share, label }: { share: number | undefined; label: string }) {
  if (share === undefined) return <span />;
  const tone = share >= 0.2 ? "ok" : share >= 0.05 ? "warn" : "bad";
  return <Meter share={share} tone={tone} label={label} words={t("{0} left", format.percent(share))} />;
}
