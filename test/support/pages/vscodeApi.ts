declare global {
  /** Answers `host.*` where what the page talks to is a gateway, which does not. */
  var callHost: ((method: string, params: unknown) => Promise<unknown>) | undefined;
}

/**
 * What VS Code gives the script of a webview, in a browser: messages go to the page's own origin and come
 * back as messages; the state outlives a reload. Runs in the page before its own script.
 */
export function actAsVsCode(): void {
  const waiting: string[] = [];
  const socket = new WebSocket(`ws://${location.host}/control`);
  socket.addEventListener("open", () => {
    for (const text of waiting.splice(0)) socket.send(text);
  });
  socket.addEventListener("message", ({ data }) => window.postMessage(JSON.parse(data), "*"));
  // The window tells its pages; the page itself never sees a connection.
  socket.addEventListener("close", () =>
    window.postMessage(
      { event: "link", data: { kind: "disconnected", message: "Portico is starting again." } },
      "*",
    ),
  );
  globalThis.acquireVsCodeApi = () => ({
    postMessage(message) {
      const { id, method = "", params } = message as { id?: number; method?: string; params?: unknown };
      if (globalThis.callHost !== undefined && method.startsWith("host.")) {
        void globalThis.callHost(method, params).then((result) => window.postMessage({ id, result }, "*"));
        return;
      }
      const text = JSON.stringify(message);
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
      else waiting.push(text);
    },
    getState: () => JSON.parse(sessionStorage.getItem("vscode") ?? "null") ?? undefined,
    setState: (state) => sessionStorage.setItem("vscode", JSON.stringify(state)),
  });
}
