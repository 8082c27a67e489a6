/**
 * Model servers on this computer: Ollama and LM Studio, on the loopback ports that they document.
 * They are offered to a person, never used unasked.
 */
import { Agent, request } from "node:http";
import type { LocalServer } from "../../control/contract.ts";
import { WIRES } from "../protocols/wires.ts";
import { PROVIDERS } from "../providers/providers.ts";

export interface DetectOptions {
  /** Rejects where nothing answers with JSON and a 2xx. */
  readonly getJson?: (url: string, signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds for all of it. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Base URLs that are accounts already. */
  readonly known?: ReadonlySet<string>;
}

const LOCAL = ["ollama", "lmstudio"] as const;
const TIMEOUT_MS = 500;
const MAX_BYTES = 1024 * 1024;

/** Asks both at once. Whatever goes wrong means: not there. */
export async function detectLocal(options: DetectOptions = {}): Promise<LocalServer[]> {
  const { getJson = getLoopbackJson, timeoutMs = TIMEOUT_MS, known } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const found = await Promise.all(
    LOCAL.map(async (id): Promise<LocalServer[]> => {
      const { label, endpoints, modelList: protocol } = PROVIDERS[id];
      if (protocol === undefined) return [];
      const baseUrl = endpoints[protocol]?.base;
      if (baseUrl === undefined || known?.has(baseUrl) === true) return [];
      try {
        const { modelList } = WIRES[protocol];
        const { models } = modelList.parse(await getJson(`${baseUrl}${modelList.path()}`, signal));
        return [{ provider: id, label, baseUrl, models: models.map((model) => model.id) }];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}

/** Over an agent of its own: whatever proxy the process was given, it does not get to see this. */
function getLoopbackJson(url: string, signal: AbortSignal): Promise<unknown> {
  const agent = new Agent({ keepAlive: false });
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, signal, headers: { accept: "application/json" } }, (reply) => {
      const chunks: Buffer[] = [];
      let size = 0;
      reply.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) asked.destroy(new Error("the reply is too large"));
        else chunks.push(chunk);
      });
      reply.on("error", reject);
      reply.on("end", () => {
        if (reply.statusCode !== 200) return reject(new Error(`status ${reply.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        } catch (error) {
          reject(error);
        }
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
