/** A request to the gateway over loopback: the way every client goes, so that all of it holds for the chat as well. */

import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { t } from "@vscode/l10n";
import { createParser } from "eventsource-parser";
import { messageOf, ReplyError, type ReplyPart, ReplyReader } from "./replyReader.ts";

export interface Question {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Where the gateway asks for one. */
  readonly apiKey?: string;
  readonly body: object;
  /** By which the client is known in the records. */
  readonly userAgent: string;
  /** Which conversation it is, in whatever form; it stays on this computer. */
  readonly session?: string;
  readonly signal: AbortSignal;
}

/**
 * Hands each part of the reply to `onPart` as it comes.
 * @throws ReplyError with words for a person; where `signal` ended it, just an end
 */
export async function ask(question: Question, onPart: (part: ReplyPart) => void): Promise<void> {
  const { signal } = question;
  try {
    const response = await responseTo(question);
    if (response.statusCode !== 200) throw new ReplyError(await refusalOf(response));
    const reader = new ReplyReader();
    const parser = createParser({
      onEvent: ({ data }) => {
        for (const part of reader.read(data)) onPart(part);
      },
    });
    const decoder = new TextDecoder();
    for await (const chunk of response) parser.feed(decoder.decode(chunk as Buffer, { stream: true }));
    for (const part of reader.end()) onPart(part);
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof ReplyError
      ? error
      : new ReplyError(t("Portico cannot be reached ({0}).", codeOf(error)));
  }
}

function responseTo({
  baseUrl,
  apiKey,
  body,
  userAgent,
  session,
  signal,
}: Question): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const text = Buffer.from(JSON.stringify(body));
    const asked: ClientRequest = request(`${baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": text.length,
        "user-agent": userAgent,
        ...(session === undefined ? {} : { "x-portico-session": session }),
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      signal,
    });
    asked.on("response", resolve);
    asked.on("error", reject);
    asked.end(text);
  });
}

/** Unit: characters. Errors of the gateway are short. */
const MAX_ERROR = 64_000;

async function refusalOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) if (text.length < MAX_ERROR) text += chunk;
  try {
    return messageOf(JSON.parse(text));
  } catch {
    return t("The request failed (HTTP {0}).", response.statusCode ?? 0);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);
