/** Add Account…: provider, address where one is needed, key, a real call, and only then it is kept. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { baseUrlProblem, endpointsOf } from "../../control/baseUrls.ts";
import { ControlError } from "../../control/channel.ts";
import type {
  CheckResult,
  LocalServer,
  NewAccount,
  Protocol,
  ProviderView,
  Status,
} from "../../control/contract.ts";
import { cleanKey } from "../../control/pastedText.ts";
import { DEFAULT_PROTOCOL, knownProtocols, PROTOCOL_FACTS } from "../../control/protocol.ts";
import type { CommandContext } from "../commandContext.ts";
import { COMMANDS } from "../commandIds.ts";
import { askInBox } from "../inputBox.ts";
import { labels, modelCount } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { withCancel } from "../progress.ts";
import { addFound } from "./addFound.ts";
import { addBySignIn, addFromText, chooseWay, tellMany } from "./addWays.ts";
import { wrongKey } from "./signInAgain.ts";
import { importAccounts } from "./transfer.ts";

/** Milliseconds for the call that proves the key. */
const CHECK_TIMEOUT_MS = 60_000;
const DETECT_TIMEOUT_MS = 3000;

export async function addAccount(window: CommandContext): Promise<void> {
  const choice = await chooseProvider(window);
  if (choice === undefined) return;
  if (choice === "found") return addFound(window);
  if (choice === "import") return importAccounts(window);
  const { provider, local } = choice;
  if (local === undefined) {
    const way = await chooseWay(provider);
    if (way === undefined) return;
    if (way === "google" || way === "openrouter") {
      const result = await addBySignIn(window, provider, way);
      if (result === undefined) return;
      if (!result.ok) throw new Error(result.message);
      const status = await window.host.call("status.get", undefined);
      return tellAdded(result.account.label, result.models.length, status);
    }
    if (way === "clipboard" || way === "file") {
      const results = await addFromText(window, provider, way);
      if (results !== undefined) await tellMany(results);
      return;
    }
  }
  const endpoints =
    local === undefined ? await askEndpoints(provider) : endpointsOf(local.baseUrl, [DEFAULT_PROTOCOL]);
  if (endpoints === undefined) return;
  const draft: NewAccount = {
    provider: provider.id,
    ...(Object.keys(endpoints).length === 0 ? {} : { endpoints }),
  };
  const checked = await askKeyUntilItWorks(window, named(provider, endpoints), draft, local !== undefined);
  if (checked === undefined) return;
  const added = await window.host.call("accounts.add", checked.account);
  await tellAdded(added.label, checked.models, await window.host.call("status.get", undefined));
}

/** A server of one's own goes by its host in what is said about it. */
function named(provider: ProviderView, endpoints: NonNullable<NewAccount["endpoints"]>): ProviderView {
  const [address] = Object.values(endpoints);
  return provider.needsBaseUrl && address !== undefined
    ? { ...provider, label: new URL(address).host }
    : provider;
}

interface ProviderItem extends vscode.QuickPickItem {
  provider?: ProviderView;
  local?: LocalServer;
  other?: "found" | "import";
}

const others = (): ProviderItem[] => [
  { label: t("More"), kind: vscode.QuickPickItemKind.Separator },
  {
    label: `$(search) ${t("Keys found on this computer…")}`,
    description: t("environment, .env, Google's tools"),
    other: "found",
  },
  {
    label: `$(cloud-download) ${t("Accounts from a file…")}`,
    description: t("exported from Portico"),
    other: "import",
  },
];

const keyPageLabel = () => t("Open the page where you get a key");

/** Servers on this computer come first: they need neither address nor key. */
async function chooseProvider(
  window: CommandContext,
): Promise<{ provider: ProviderView; local: LocalServer | undefined } | "found" | "import" | undefined> {
  const pick = vscode.window.createQuickPick<ProviderItem>();
  pick.title = labels.addTitle();
  pick.placeholder = t("Whose models do you want to use?");
  pick.matchOnDescription = true;
  pick.busy = true;
  pick.show();
  try {
    const providers = (await window.host.call("providers.list", undefined)).filter(
      ({ id }) => id !== "sandbox",
    );
    const items = providers.map(
      (provider): ProviderItem => ({
        label: provider.label,
        description: provider.needsBaseUrl ? t("by its address") : "",
        buttons:
          provider.keyPage === undefined
            ? []
            : [{ iconPath: new vscode.ThemeIcon("link-external"), tooltip: keyPageLabel() }],
        provider,
      }),
    );
    pick.items = [...items, ...others()];
    void window.host
      .call("local.detect", undefined, { timeoutMs: DETECT_TIMEOUT_MS })
      .then((servers) => {
        if (servers.length > 0) pick.items = [...localItems(servers, providers), ...items, ...others()];
      })
      .catch((error: unknown) => window.log.debug(`local servers: ${String(error)}`))
      .finally(() => {
        pick.busy = false;
      });
    return await new Promise((resolve) => {
      pick.onDidTriggerItemButton(({ item }) => {
        const page = item.provider?.keyPage;
        if (page !== undefined) void vscode.env.openExternal(vscode.Uri.parse(page));
      });
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        if (item?.other !== undefined) resolve(item.other);
        else if (item?.provider !== undefined) resolve({ provider: item.provider, local: item.local });
      });
      pick.onDidHide(() => resolve(undefined));
    });
  } finally {
    pick.dispose();
  }
}

function localItems(servers: readonly LocalServer[], providers: readonly ProviderView[]): ProviderItem[] {
  const found = servers.flatMap((local): ProviderItem[] => {
    const provider = providers.find(({ id }) => id === local.provider);
    if (provider === undefined) return [];
    const description = `${t("runs on this computer")} · ${modelCount(local.models.length)}`;
    return [{ label: `$(vm) ${local.label}`, description, provider, local }];
  });
  const separator = (label: string) => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return found.length === 0 ? [] : [separator(t("On this computer")), ...found, separator(t("Providers"))];
}

/** @returns `{}` where the provider's own addresses serve, `undefined` when the person gave up. */
async function askEndpoints(provider: ProviderView): Promise<NewAccount["endpoints"]> {
  if (!provider.needsBaseUrl) return {};
  const address = await vscode.window.showInputBox({
    title: `${labels.addTitle()} · ${provider.label}`,
    prompt: t("Base URL of the server. Without a path, /v1 is added for OpenAI's protocols."),
    placeHolder: provider.example ?? "http://127.0.0.1:8000/v1",
    ignoreFocusOut: true,
    validateInput: (text) => baseUrlProblem(text, t),
  });
  if (address === undefined) return undefined;
  const protocols = await askProtocols(provider);
  return protocols === undefined ? undefined : endpointsOf(address, protocols);
}

async function askProtocols(provider: ProviderView): Promise<Protocol[] | undefined> {
  const offered = knownProtocols(provider.protocols);
  if (offered.length < 2) return offered;
  const items = offered.map((protocol) => ({
    label: t(PROTOCOL_FACTS[protocol].label),
    detail: t(PROTOCOL_FACTS[protocol].hint),
    protocol,
    picked: protocol === DEFAULT_PROTOCOL,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `${labels.addTitle()} · ${provider.label}`,
    placeHolder: t("What does it speak? Choose one or more"),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ protocol }) => protocol);
}

/** @returns `undefined` when the person gave up. */
async function askKeyUntilItWorks(
  window: CommandContext,
  provider: ProviderView,
  draft: NewAccount,
  keyless: boolean,
): Promise<{ account: NewAccount; models: number | undefined } | undefined> {
  let refusal: string | undefined;
  let account = draft;
  let ask = !keyless;
  for (;;) {
    if (ask) {
      const apiKey = await askKey(provider, refusal);
      if (apiKey === undefined) return undefined;
      account = apiKey === "" ? draft : { ...draft, apiKey };
    }
    const result = await check(window, provider, account);
    if (result === undefined) return undefined;
    if (result.ok) return { account, models: result.models.length };
    if (result.reason === "key-refused") {
      refusal = t("{0} refused the key: {1}", provider.label, result.message);
      ask = true;
      continue;
    }
    const choice = await askAfterFailure(provider, result);
    if (choice === labels.keep()) return { account, models: undefined };
    if (choice !== labels.retry()) return undefined;
    ask = false;
  }
}

/** Stays open while it is asked again, and shows the provider's own words. @returns `""`: without a key. */
function askKey(provider: ProviderView, refusal: string | undefined): Promise<string | undefined> {
  const { label, keyPage, keyRequired } = provider;
  return askInBox({
    title: `${labels.addTitle()} · ${label}`,
    prompt: keyRequired
      ? t("API key. It is tried with a real call and kept in VS Code's secret storage.")
      : t("API key, where the server wants one; else leave it empty."),
    password: true,
    refusal,
    page: keyPage === undefined ? undefined : { url: keyPage, tooltip: keyPageLabel() },
    clean: cleanKey,
    problemOf: (key) => (key === "" && keyRequired ? t("{0} needs a key.", label) : wrongKey(key)),
  });
}

/** @returns `undefined` when the person cancelled. */
function check(
  { host }: CommandContext,
  provider: ProviderView,
  account: NewAccount,
): Thenable<CheckResult | undefined> {
  return withCancel(t("Portico asks {0} whether this works…", provider.label), async (signal) => {
    try {
      return await host.call("accounts.check", account, { signal, timeoutMs: CHECK_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof ControlError) || error.code !== "timeout") throw error;
      return { ok: false, reason: "unreachable", message: t("no answer within a minute") };
    }
  });
}

/** Escape and the dialog's own Cancel give up. */
function askAfterFailure(
  provider: ProviderView,
  { reason, message }: Extract<CheckResult, { ok: false }>,
): Thenable<string | undefined> {
  const unreachable = reason === "unreachable";
  const advice = unreachable
    ? t(
        "Behind a proxy, set http.proxy: proxy scripts (PAC) are not followed. You can also keep the account and use it once the provider answers.",
      )
    : t("You can keep the account all the same.");
  return showWarning(
    unreachable
      ? t("{0} could not be reached", provider.label)
      : t("{0} did not accept the call", provider.label),
    { modal: true, detail: `${message}\n\n${advice}` },
    labels.retry(),
    labels.keep(),
  );
}

async function tellAdded(label: string, models: number | undefined, { proxy }: Status): Promise<void> {
  const found = models === undefined ? t("not tried yet") : modelCount(models);
  const message = t("{0} was added ({1}).", label, found);
  if (proxy.kind === "running" || proxy.kind === "starting") {
    const next = await showInformation(message, t("Connect a Client"));
    if (next !== undefined) await vscode.commands.executeCommand(COMMANDS.openConnect);
    return;
  }
  const choice = await showInformation(`${message} ${t("Portico is off.")}`, labels.start());
  if (choice !== undefined) await vscode.commands.executeCommand(COMMANDS.start);
}
