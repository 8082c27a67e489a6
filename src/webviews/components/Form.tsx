/** Fields that are sent together, by a button without an `onClick` or by Enter. */
import type { ComponentChildren } from "preact";

export function Form(props: { class?: string; onSubmit(): unknown; children: ComponentChildren }) {
  return (
    <form
      class={props.class ?? "stack"}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}
