/** A part of a page under a heading. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** `aside` says it in numbers, `end` holds its buttons. */
export function Section(props: {
  title: string;
  aside?: ComponentChildren;
  end?: ComponentChildren;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.aside !== undefined && <span class="aside muted">{props.aside}</span>}
        {props.end !== undefined && (
          <>
            <span class="grow" />
            {props.end}
          </>
        )}
      </header>
      {props.children}
    </section>
  );
}
