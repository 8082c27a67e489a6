/**
 * All text of the pages goes through here on its way to the screen: names of models, recorded bodies and whatever else
 * others wrote neither turn the direction of a line nor hide in it. What is copied or sent stays as it is.
 */
import { options } from "preact";
import { visibleText } from "../control/visible.ts";

/** Attributes that a person reads or hears. */
const READ = ["title", "aria-label", "alt", "placeholder", "label"] as const;

/** From now on. */
export function showAllVisibly(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    const props: unknown = vnode.props;
    // Preact makes a node without a type of each text.
    if (typeof props === "string") Reflect.set(vnode, "props", visibleText(props));
    else if (typeof vnode.type === "string" && typeof props === "object" && props !== null) {
      for (const name of READ) {
        const value: unknown = Reflect.get(props, name);
        if (typeof value === "string") Reflect.set(props, name, visibleText(value));
      }
    }
    before?.(vnode);
  };
}
