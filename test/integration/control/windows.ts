/** VS Code windows without VS Code: the real host, the real worker, secrets in a map. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AutoStart, WindowNetwork, WindowSettings, WindowView } from "../../../src/control/window.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { GatewayHost } from "../../../src/vscode/host/host.ts";

export interface TestWindow {
  host: GatewayHost;
  lines: string[];
  /** Of the gateway, for pages. */
  events: [string, unknown][];
  secrets: Map<string, string>;
  /** Resolves with the first view, now or later, for which it holds. */
  until(holds: (view: WindowView) => boolean): Promise<WindowView>;
}

export const DIRECT: WindowNetwork = {
  proxySupport: false,
  noProxy: [],
  strictTls: true,
  systemCertificates: false,
};

export interface WindowOptions {
  dataDir: string;
  settings?: WindowSettings;
  autoStart?: AutoStart;
  secrets?: Map<string, string>;
  /** Before each read of a secret: a keyring may fail, or take its time. */
  keyring?: () => Promise<void>;
  workerFile?: URL;
}

export function openWindow(options: WindowOptions): TestWindow {
  const { dataDir, settings = { port: 0 }, autoStart = "restore", secrets = new Map() } = options;
  const lines: string[] = [];
  const events: [string, unknown][] = [];
  const waiting = new Set<(view: WindowView) => void>();
  const host = new GatewayHost({
    workerFile: options.workerFile ?? new URL("../../../src/gateway/worker.ts", import.meta.url),
    start: () => ({ dataDir, version: "0.0.0-test", settings, network: DIRECT, autoStart }),
    handlers: {
      "secrets.get": async ({ key }) => {
        await options.keyring?.();
        return secrets.get(key);
      },
      "secrets.set": async ({ key, value }) => void secrets.set(key, value),
      "secrets.delete": async ({ key }) => void secrets.delete(key),
    },
    log: (level, message) => lines.push(`${level} ${message}`),
    onEvent: (event, data) => events.push([event, data]),
    onView: (view) => {
      for (const look of waiting) look(view);
    },
  });
  host.start();
  return {
    host,
    lines,
    events,
    secrets,
    until(holds) {
      const found = deferred<WindowView>();
      const look = (view: WindowView) => {
        if (!holds(view)) return;
        waiting.delete(look);
        found.resolve(view);
      };
      waiting.add(look);
      look(host.view);
      return found.promise;
    },
  };
}

/** An upstream that does what the listener says, on a free port. */
export async function upstream(listener: RequestListener): Promise<{ base: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

export const GOOD_KEY = "sk-test-0123456789abcdef";

/** OpenAI's model list and a streamed chat, for one key. */
export const openaiLike: RequestListener = (request, response) => {
  const json = (status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (request.headers.authorization !== `Bearer ${GOOD_KEY}`) {
    json(401, {
      error: {
        message: "Incorrect API key provided.",
        type: "invalid_request_error",
        code: "invalid_api_key",
      },
    });
  } else if (request.url === "/v1/models") {
    json(200, {
      object: "list",
      data: [{ id: "test-model", object: "model", created: 1, owned_by: "test" }],
    });
  } else if (request.url === "/v1/chat/completions") {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const content of ["Hello", " from", " the account"]) {
        const delta = {
          id: "c1",
          object: "chat.completion.chunk",
          choices: [{ index: 0, delta: { content } }],
        };
        response.write(`data: ${JSON.stringify(delta)}\n\n`);
      }
      response.end("data: [DONE]\n\n");
    });
  } else json(404, { error: { message: "no such path", type: "invalid_request_error" } });
};
