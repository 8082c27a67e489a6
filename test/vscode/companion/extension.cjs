// Lives in the same extension host as Portico and measures it; answers on a loopback port that it
// writes into PORTICO_TEST_DIR.
const { createServer } = require("node:http");
const { mkdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const vscode = require("vscode");

exports.activate = () => {
  const delay = monitorEventLoopDelay({ resolution: 2 });

  const answers = {
    "/run": async (query) => {
      const argument = JSON.parse(query.get("argument") ?? "null");
      await vscode.commands.executeCommand(query.get("command") ?? "", argument ?? undefined);
      return {};
    },
    "/delay/start": () => {
      delay.reset();
      delay.enable();
      return {};
    },
    "/delay/stop": () => {
      delay.disable();
      const ms = (nanoseconds) => nanoseconds / 1e6;
      return { max: ms(delay.max), mean: ms(delay.mean), p99: ms(delay.percentile(99)) };
    },
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
    const answer = answers[pathname];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify((await answer?.(searchParams)) ?? {}));
  });
  server.listen(0, "127.0.0.1", () => {
    const folder = process.env.PORTICO_TEST_DIR;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    const workspace = vscode.workspace.workspaceFolders?.[0]?.name;
    const about = { port: server.address().port, pid: process.pid, workspace, time: Date.now() };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(about));
  });
};
