/** One request to the built-in sandbox at the gateway's own address: what a person's first tool would see. */
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { ProxyState } from "../../control/contract.ts";
import type { SandboxResult } from "../../control/requests.ts";
import { parseJson } from "../common/json.ts";

const QUESTION = "Hello from Portico!";
const BODY = JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: QUESTION }] });

const reply = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) });

export interface SandboxFacts {
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
    const { status, body } = await post(new URL("/v1/chat/completions", proxy.baseUrl), apiKey, signal);
    const took = Math.round(performance.now() - began);
    const answer = reply.safeParse(parseJson(body));
    if (status === 200 && answer.success) {
      return { ok: true, question: QUESTION, answer: answer.data.choices[0].message.content, took };
    }
    return { ok: false, message: `Portico answered its own request with ${status}. Its log may say why.` };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ok: false, message: "Portico did not answer its own request. Its log may say why." };
  }
}

/** Undici is for providers; this one goes to ourselves. */
function post(url: URL, apiKey: string | undefined, signal: AbortSignal) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const call = httpRequest(
      url,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "portico-sandbox-trial",
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        agent: false,
        signal,
      },
      (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    );
    call.on("error", reject);
    call.end(BODY);
  });
}
