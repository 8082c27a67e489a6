/** Dots that say in a colour how something is, beside the word for it. */
import type { ComponentChildren } from "preact";
import type { Tone } from "../labels.ts";

/** Filled, or a ring where nothing is wrong and nothing runs. Goes with a word, always. */
export function Dot({ tone }: { tone: Tone }) {
  return <span class={`dot ${tone}`} aria-hidden="true" />;
}

export function DotWord({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class="row">
      <Dot tone={tone} />
      <span class={tone === "off" ? "muted" : undefined}>{children}</span>
    </span>
  );
}

export function Tag({ children, title }: { children: ComponentChildren; title?: string }) {
  return (
    <span class="tag" title={title}>
      {children}
    </span>
  );
}
