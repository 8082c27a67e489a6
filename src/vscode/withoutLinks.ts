/** Text in which `[text](target)` is no link any more. */
export function withoutLinks(text: string): string {
  return text.replaceAll("](", "] (");
}
