/** The pool's models in VS Code's chat. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { timeLabel } from "../accounts/accountLabels.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { SECTION } from "../host/settings.ts";
import { labels } from "../labels.ts";
import { showWarning } from "../messages.ts";
import { Consent, isBuiltIn } from "./consent.ts";
import { type ChatModel, chatModels, effortOf, VENDOR } from "./modelInfo.ts";
import { ReplyError, type ReplyPart } from "./replyReader.ts";
import { requestBody } from "./requestBody.ts";

/** Its settings. */
export const CHAT_SECTION = `${SECTION}.chat`;
/** Milliseconds for which the list of models is taken as it was: VS Code asks for it several times in a row. */
const LIST_MS = 10_000;
/** Milliseconds that a person has to say whether an extension may. */
const ANSWER_MS = 60_000;
/** Characters per token, about: VS Code asks often, and only to decide what to leave out. */
const CHARACTERS = 4;

interface Listed {
  readonly at: number;
  readonly models: Promise<ChatModel[]>;
}

/** Beside what the stable API declares; tried in 1.139. */
interface MoreOptions {
  readonly requestInitiator?: string;
  readonly modelConfiguration?: unknown;
}

export class ChatProvider implements vscode.LanguageModelChatProvider<ChatModel>, vscode.Disposable {
  readonly #window: CommandContext;
  readonly #ownId: string;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #consent: Consent;
  #registered: vscode.Disposable | undefined;
  #listed: Listed | undefined;
  /** Of the status when models were listed: another one is told. */
  #state = "";

  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;

  constructor(window: CommandContext, ownId: string) {
    this.#window = window;
    this.#ownId = ownId;
    this.#consent = new Consent({
      answers: () => configuration().get<Record<string, boolean>>("chat.extensions", {}),
      keep: async (extension, allowed) => {
        const answers = {
          ...configuration().get<Record<string, boolean>>("chat.extensions", {}),
          [extension]: allowed,
        };
        await configuration().update("chat.extensions", answers, vscode.ConfigurationTarget.Global);
      },
      ask: askPerson,
      tired: () => new Promise((resolve) => setTimeout(resolve, ANSWER_MS).unref()),
    });
  }

  /** Follows the setting `portico.chat.enabled`, and what the pool can do. */
  show(): void {
    const enabled = canChat() && configuration().get("chat.enabled", true);
    if (!enabled) {
      this.#registered?.dispose();
      this.#registered = undefined;
      this.#state = "";
      return;
    }
    const { status, part } = this.#window.host.view;
    const state = JSON.stringify([
      status?.proxy.kind,
      part.kind,
      status?.accounts,
      status?.held,
      this.#choice(),
    ]);
    const another = state !== this.#state;
    this.#state = state;
    if (another) this.#listed = undefined;
    this.#registered ??= vscode.lm.registerLanguageModelChatProvider(VENDOR, this);
    // A fresh profile asks a provider only after it has said so.
    if (another) this.#changed.fire();
  }

  async provideLanguageModelChatInformation(): Promise<ChatModel[]> {
    if (this.#window.host.view.status?.proxy.kind !== "running") throw forChat(new NotRunning());
    const now = performance.now();
    if (this.#listed === undefined || now - this.#listed.at > LIST_MS) {
      const listed: Listed = { at: now, models: this.#list() };
      listed.models.catch(() => {
        if (this.#listed === listed) this.#listed = undefined;
      });
      this.#listed = listed;
    }
    return await this.#listed.models;
  }

  async provideLanguageModelChatResponse(
    model: ChatModel,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions & MoreOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { requestInitiator: asker, modelOptions, tools, toolMode } = options;
    const ended = new AbortController();
    const listening = token.onCancellationRequested(() => ended.abort());
    if (token.isCancellationRequested) ended.abort();
    try {
      const isOurs = asker?.toLowerCase() === this.#ownId.toLowerCase();
      if (isOurs || !(await this.#consent.allows(asker))) {
        throw vscode.LanguageModelError.NoPermissions(
          t(
            "{0} may not use Portico's models. The setting portico.chat.extensions says who may.",
            asker ?? t("This extension"),
          ),
        );
      }
      const { baseUrl, mode } = this.#running();
      const effort = effortOf(options.modelConfiguration);
      const session = modelOptions?._conversationId;
      const body = requestBody({
        model: model.id,
        messages,
        toolRequired: toolMode === vscode.LanguageModelChatToolMode.Required,
        ...(tools === undefined ? {} : { tools }),
        ...(effort === undefined ? {} : { effort }),
        ...(modelOptions === undefined ? {} : { modelOptions }),
      });
      const question = {
        baseUrl,
        body,
        userAgent: userAgentOf(asker),
        signal: ended.signal,
        ...(mode === "off" || mode === "auto" ? {} : await this.#window.host.call("auth.key", undefined)),
        ...(typeof session === "string" ? { session } : {}),
      };
      // Not before it is needed: it brings Node's HTTP client along.
      const { ask } = await import("./ask.ts");
      await ask(question, (part) => {
        const shown = shownPart(part);
        if (shown !== undefined) progress.report(shown);
      });
    } catch (error) {
      if (error instanceof NotRunning) void offerStart();
      throw forChat(error);
    } finally {
      listening.dispose();
    }
  }

  async provideTokenCount(
    _model: ChatModel,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    const length = typeof text === "string" ? text.length : JSON.stringify(text.content).length;
    return Math.ceil(length / CHARACTERS);
  }

  dispose(): void {
    this.#registered?.dispose();
    this.#changed.dispose();
  }

  #choice(): string[] {
    return configuration().get<string[]>("chat.models", []);
  }

  async #list(): Promise<ChatModel[]> {
    const models = await this.#window.host.call("models.list", undefined);
    const held = this.#window.host.view.status?.held ?? [];
    return chatModels(models, { wanted: this.#choice(), held, time: (at) => timeLabel(at, Date.now()) });
  }

  /** @throws with words where the proxy does not run: VS Code shows them in the place of the models */
  #running(): { baseUrl: string; mode: string } {
    const { status } = this.#window.host.view;
    if (status?.proxy.kind === "running") return { baseUrl: status.proxy.baseUrl, mode: status.authMode };
    throw new NotRunning();
  }
}

class NotRunning extends ReplyError {
  constructor() {
    super(t("Portico's proxy is not running. Start it with the command Portico: Start Proxy."));
  }
}

async function offerStart(): Promise<void> {
  const choice = await showWarning(
    t("Portico's models cannot answer: its proxy is not running."),
    labels.start(),
  );
  if (choice !== undefined) await vscode.commands.executeCommand(COMMANDS.start);
}

/** The API is absent in older versions, and in some editors that are made from VS Code. */
export function canChat(): boolean {
  return typeof Reflect.get(vscode.lm ?? {}, "registerLanguageModelChatProvider") === "function";
}

const configuration = () => vscode.workspace.getConfiguration(SECTION);

async function askPerson(extension: string): Promise<boolean | undefined> {
  const name = vscode.extensions.getExtension(extension)?.packageJSON.displayName;
  const who = typeof name === "string" && name !== "" ? `${name} (${extension})` : extension;
  const choice = await showWarning(
    t("Allow the extension {0} to use Portico's models? What it asks counts against your accounts.", who),
    labels.allow(),
    t("Deny"),
  );
  return choice === undefined ? undefined : choice === labels.allow();
}

/** As the records name the client: VS Code's own chat, or another extension by its id. */
function userAgentOf(asker: string | undefined): string {
  if (asker !== undefined && isBuiltIn(asker)) return `vscode/${vscode.version}`;
  const version: unknown = asker && vscode.extensions.getExtension(asker)?.packageJSON.version;
  return `${asker ?? "unknown-extension"}/${typeof version === "string" ? version : "0"}`.replace(
    /[^\x21-\x7e]/g,
    "",
  );
}

function shownPart(part: ReplyPart): vscode.LanguageModelResponsePart | undefined {
  switch (part.kind) {
    case "text":
      return new vscode.LanguageModelTextPart(part.text);
    case "call":
      return new vscode.LanguageModelToolCallPart(part.id, part.name, part.input);
    case "usage":
      // The ring that shows how full the context is reads this type.
      return vscode.LanguageModelDataPart.json(part.usage, "usage");
    case "thinking": {
      // There at run time, though not in the stable API.
      const Thinking: unknown = Reflect.get(vscode, "LanguageModelThinkingPart");
      return typeof Thinking === "function" ? Reflect.construct(Thinking, [part.text]) : undefined;
    }
  }
}

/** The chat prints an error's stack, if it has one. */
function forChat(error: unknown): Error {
  if (error instanceof vscode.LanguageModelError) return error;
  const shown = new Error(error instanceof Error ? error.message : String(error));
  shown.stack = "";
  return shown;
}
