/** One request to the built-in sandbox at the gateway's own address: what a person's first tool would see. */
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { ProxyState } from "../../control/contract.ts";
import type { SandboxResult } from "../../control/requests.ts";
import { parseJson } from "../common/json.ts";
import { askSelf, NO_ANSWER } from "./askSelf.ts";

const QUESTION = "Hello from Portico!";
const PATH = "/v1/chat/completions";
const BODY = JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: QUESTION }] });

const reply = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) });

interface SandboxFacts {
  readonly proxy: ProxyState;
  /** Absent while it cannot be read. */
  readonly apiKey: string | undefined;
}

export async function trySandbox(
  { proxy, apiKey }: SandboxFacts,
  signal: AbortSignal,
): Promise<SandboxResult> {
  if (proxy.kind !== "running")
    return { ok: false, message: "The proxy is stopped. Start it, then try again." };
  const began = performance.now();
  try {
    const headers = { "user-agent": "portico-sandbox-trial" };
    const response = await askSelf(proxy.baseUrl, { path: PATH, headers, body: BODY, apiKey }, signal);
    const body = await text(response);
    const took = Math.round(performance.now() - began);
    const answer = reply.safeParse(parseJson(body));
    if (response.statusCode === 200 && answer.success) {
      return { ok: true, question: QUESTION, answer: answer.data.choices[0].message.content, took };
    }
    const message = `Portico answered its own request with ${response.statusCode}. Its log may say why.`;
    return { ok: false, message };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ok: false, message: NO_ANSWER };
  }
}
