/** The id of a response, or else of a conversation, to bind it to the account that made it. @param head of a reply */
export function readResponseId(head: string): string | undefined {
  const found = /"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,200})"/.exec(head);
  return (found ?? /"id"\s*:\s*"(conv_[A-Za-z0-9_-]{1,200})"/.exec(head))?.[1];
}
