/** One setting of the page API Proxy: its title and what is set. */
import type { ComponentChildren } from "preact";

/** A heading on the left, what it is about on the right; one below the other where there is no room. */
export function Row({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="setting">
      <h3>{title}</h3>
      <div class="what">{children}</div>
    </div>
  );
}
