// Lives in the same extension host as Portico and measures it; answers on a loopback port that it
// writes into PORTICO_TEST_DIR.
const { createServer } = require("node:http");
const { mkdirSync, readFileSync, statSync, writeFileSync } = require("node:fs");
const { join, relative, sep } = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const vscode = require("vscode");

exports.activate = (context) => {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  let workedBefore = 0;

  const answers = {
    "/run": async (query) => {
      const argument = JSON.parse(query.get("argument") ?? "null");
      await vscode.commands.executeCommand(query.get("command") ?? "", argument ?? undefined);
      return {};
    },
    "/themes": () => {
      const own = vscode.extensions.all.filter(({ id }) => id === "vscode.theme-defaults");
      const themes = own.flatMap(({ packageJSON }) => packageJSON.contributes.themes);
      return themes.map(({ id, label, uiTheme }) => ({ id: id ?? label, kind: uiTheme }));
    },
    "/set": async (query) => {
      const value = JSON.parse(query.get("value") ?? "null") ?? undefined;
      const { Global } = vscode.ConfigurationTarget;
      await vscode.workspace.getConfiguration().update(query.get("setting") ?? "", value, Global);
      return {};
    },
    "/keyring": (query) => {
      steerKeyring(context.secrets, query.get("mode"));
      return {};
    },
    "/chat/models": async () => {
      const models = await vscode.lm.selectChatModels({ vendor: "portico" });
      return models.map(({ id, name, maxInputTokens }) => ({ id, name, maxInputTokens }));
    },
    "/chat/ask": (query) => askModel(query.get("model"), query.get("text"), query.get("cancel") === "true"),
    "/terminal": readTerminal,
    "/knows": (query) => vscode.extensions.getExtension(query.get("extension") ?? "") !== undefined,
    "/delay/start": () => {
      workedBefore = workedMs();
      delay.reset();
      delay.enable();
      return {};
    },
    "/delay/stop": () => {
      delay.disable();
      const ms = (nanoseconds) => nanoseconds / 1e6;
      const work = workedMs() - workedBefore;
      return { max: ms(delay.max), mean: ms(delay.mean), p99: ms(delay.percentile(99)), work };
    },
    "/loaded": (query) => {
      const folder = vscode.extensions.getExtension(query.get("extension") ?? "")?.extensionPath ?? "";
      const files = Object.keys(require.cache).filter((file) => file.startsWith(folder + sep));
      return files.map((file) => ({
        file: relative(folder, file).replaceAll(sep, "/"),
        bytes: statSync(file).size,
      }));
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

/** As any extension asks a model; cancelled with the first words where that is wanted. */
async function askModel(id, text, cancel) {
  const [model] = await vscode.lm.selectChatModels({ vendor: "portico", id });
  if (model === undefined) return { error: "no such model", code: "none" };
  const source = new vscode.CancellationTokenSource();
  const message = vscode.LanguageModelChatMessage.User(text);
  const said = [];
  try {
    const { stream } = await model.sendRequest([message], { justification: "A test." }, source.token);
    for await (const part of stream) {
      if (part instanceof vscode.LanguageModelTextPart) said.push(part.value);
      if (cancel) source.cancel();
    }
    return { text: said.join("") };
  } catch (error) {
    return { text: said.join(""), error: String(error.message), code: String(error.code ?? "") };
  }
}

/** What a terminal that is opened now is told: the variables of its shell. */
async function readTerminal() {
  const terminal = vscode.window.createTerminal({ name: "told", hideFromUser: true });
  try {
    const pid = await terminal.processId;
    const text = readFileSync(`/proc/${pid}/environ`, "utf8");
    return Object.fromEntries(
      text
        .split("\0")
        .flatMap((each) =>
          each.includes("=") ? [[each.split("=", 1)[0], each.slice(each.indexOf("=") + 1)]] : [],
        ),
    );
  } finally {
    terminal.dispose();
  }
}

/** What VS Code's secret storage does, for every extension of this host, which share its class. */
function steerKeyring(secrets, mode) {
  const shared = Object.getPrototypeOf(secrets);
  shared.reallyGet ??= shared.get;
  shared.unlocked ??= [];
  if (mode === "works") {
    shared.get = shared.reallyGet;
    for (const answer of shared.unlocked.splice(0)) answer();
  } else if (mode === "fails") {
    shared.get = () => Promise.reject(new Error("the keyring cannot be reached"));
  } else {
    shared.get = async function (key) {
      await new Promise((answer) => shared.unlocked.push(answer));
      return shared.reallyGet.call(this, key);
    };
  }
}

/** Milliseconds that this thread has worked; where Node.js cannot tell, that its event loop was not idle. */
function workedMs() {
  const { user, system } = process.threadCpuUsage?.() ?? {};
  return user === undefined ? performance.eventLoopUtilization().active : (user + system) / 1000;
}
