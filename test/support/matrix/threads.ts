/**
 * The conversations that a scripted Anthropic holds between turns.
 * https://platform.claude.com/docs/en/build-with-claude/message-threads
 */

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export class HeldThreads {
  readonly #held = new Map<string, Body>();

  /**
   * The request as the model sees it: its thread's conversation and what is new.
   * @returns what Anthropic answers with a 404 or a 400, where it holds no such thread or takes no such request
   */
  whole(body: Body): { body: Body } | { status: number; error: object } {
    const { thread, ...request } = body;
    if (!isBody(thread) || thread.type !== "continue") return { body: request };
    const before = this.#held.get(String(thread.previous_message_id));
    if (before === undefined) {
      const message = "No thread state was found for `previous_message_id`.";
      return { status: 404, error: refusal("not_found_error", message, "thread_not_found") };
    }
    const again = ["system", "tools"].filter((field) => request[field] !== undefined);
    if (again.length > 0) {
      const message = `${again.join(", ")}: not allowed when continuing a thread`;
      return { status: 400, error: refusal("invalid_request_error", message) };
    }
    const { system, tools } = before;
    const messages = [...list(before.messages), ...list(request.messages)];
    return {
      body: {
        ...request,
        ...(system === undefined ? {} : { system }),
        ...(tools === undefined ? {} : { tools }),
        messages,
      },
    };
  }

  /** @param whole the request as the model saw it */
  hold(id: string, whole: Body, content: unknown): void {
    this.#held.set(id, { ...whole, messages: [...list(whole.messages), { role: "assistant", content }] });
  }

  /** As Anthropic does an hour after a thread's last use. */
  forget(): void {
    this.#held.clear();
  }
}

const refusal = (type: string, message: string, code?: string) => ({
  type: "error",
  error: { type, message, ...(code === undefined ? {} : { details: { error_code: code } }) },
  request_id: "req_up",
});
