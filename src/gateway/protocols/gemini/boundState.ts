/** State in requests of this protocol that only its maker can read. */
import type { Fields } from "../../common/json.ts";
import { type BoundState, type Counter, counted, eachOf } from "../boundStrip.ts";
import { SKIP_SIGNATURE } from "./signature.ts";

export const boundState: BoundState = {
  strip: (body, counter) => ({
    ...body,
    contents: eachOf(body.contents, (content) => stripContent(content, counter)),
  }),
};

function stripContent(content: Fields, counter: Counter): Fields | undefined {
  if (!Array.isArray(content.parts)) return content;
  const parts = eachOf(content.parts, (part) => {
    const name = "thought_signature" in part ? "thought_signature" : "thoughtSignature";
    if (typeof part[name] !== "string" || part[name] === SKIP_SIGNATURE) return part;
    if (part.functionCall !== undefined || part.function_call !== undefined) {
      // A call without any signature is refused; for one that cannot be had this value is documented.
      return counted(counter, { ...part, [name]: SKIP_SIGNATURE });
    }
    const { [name]: _signature, ...rest } = part;
    return counted(counter, Object.keys(rest).length === 0 ? undefined : rest);
  });
  return Array.isArray(parts) && parts.length === 0 ? undefined : { ...content, parts };
}
