/** A short word on what just happened, and the voice of the page: both for screen readers too. */
import { signal } from "@preact/signals";
import { messageOf } from "../state/loaded.ts";

interface Shown {
  text: string;
  kind: "done" | "problem";
}

const shown = signal<Shown | undefined>(undefined);
/** Spoken only: changes of state, and nothing else. */
const spoken = signal("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string, kind: Shown["kind"] = "done"): void {
  shown.value = { text, kind };
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      shown.value = undefined;
    },
    kind === "done" ? 2500 : 8000,
  );
}

/** For what is asked for in passing: where it fails, that is told. Never rejects. */
export async function toastFailure(asked: Promise<unknown>): Promise<void> {
  await asked.catch((thrown: unknown) => toast(messageOf(thrown), "problem"));
}

export function announce(text: string): void {
  spoken.value = text;
}

export function LiveRegion() {
  const now = shown.value;
  return (
    <>
      <div role="status" class={now === undefined ? undefined : "toast"}>
        {now?.text}
      </div>
      <div class="spoken" aria-live="polite">
        {spoken.value}
      </div>
    </>
  );
}
