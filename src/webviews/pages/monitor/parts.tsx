/** What the details of a request are made of: parts with a title, facts with a name. */
import type { ComponentChildren } from "preact";

export function Part(props: { title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="stack close part">
      <h3>
        {props.title} {props.aside !== undefined && <span class="aside">{props.aside}</span>}
      </h3>
      {props.children}
    </section>
  );
}

/** A line of what is known. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
