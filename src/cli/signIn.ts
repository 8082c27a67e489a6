/** `portico accounts add PROVIDER --sign-in`: the provider's page in a browser, and its answer brought back. */

import { createInterface } from "node:readline";
import { t } from "@vscode/l10n";
import * as z from "zod";
import type { ProviderView } from "../control/contract.ts";
import type { AccountDraft, AddResult, GoogleClient, SignInStarted } from "../control/credentials.ts";
import { cleanKey } from "../control/pastedText.ts";
import { isGoogleProvider } from "../gateway/accounts/credentials/google.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { readText } from "../gateway/common/readText.ts";
import { openInBrowser } from "./browser.ts";
import { type SignInArguments, UsageError } from "./command.ts";
import { readHidden } from "./key.ts";
import type { Console } from "./output.ts";
import { plain } from "./screen.ts";
import type { Session } from "./session.ts";

/** Milliseconds for the exchange and the call that proves the account, after the browser is done. */
const PROOF_MS = 90_000;
const CLIENTS_PAGE = "https://console.cloud.google.com/auth/clients";

export interface Wanted {
  readonly provider: Pick<ProviderView, "id" | "label">;
  readonly draft: AccountDraft;
  readonly how: SignInArguments;
  /** Add it also where the call that should prove it fails. */
  readonly keep: boolean;
}

/** Whose page it is. @throws UsageError where a provider has none, or something is missing for it */
export function signInOf(
  { id, label }: Wanted["provider"],
  { clientFile, clientId, clientSecretEnv, project }: SignInArguments,
  hasAddress: boolean,
): "Google" | "OpenRouter" {
  if (id === "openrouter") {
    if (clientFile ?? clientId ?? clientSecretEnv ?? project) {
      throw new UsageError(t("OpenRouter's sign-in needs no client and no project"));
    }
    return "OpenRouter";
  }
  if (!isGoogleProvider(id)) {
    throw new UsageError(
      t("{0} has no sign-in, only keys; --sign-in is for gemini, vertex and openrouter", label),
    );
  }
  if ((clientFile === undefined) === (clientId === undefined)) {
    throw new UsageError(
      t(
        'a sign-in with Google needs your own OAuth client of type "Desktop app": --client-file FILE, as downloaded from {0}, or --client-id ID',
        CLIENTS_PAGE,
      ),
    );
  }
  if (clientSecretEnv !== undefined && clientId === undefined) {
    throw new UsageError(t("{0} belongs to {1}", "--client-secret-env", "--client-id"));
  }
  if (id === "vertex" && project === undefined && !hasAddress) {
    throw new UsageError(t("{0} needs a Google Cloud project: --project ID", label));
  }
  return "Google";
}

/** Waits for the person. @throws UsageError, or as the gateway does where the sign-in cannot begin */
export async function signIn(wanted: Wanted, steered: Session, console: Console): Promise<AddResult> {
  const { provider, draft, how, keep } = wanted;
  const who = signInOf(provider, how, draft.endpoints !== undefined);
  const started =
    who === "Google"
      ? await steered.call("accounts.signIn.google", {
          account: draft,
          client: await clientOf(how, console),
          ...(how.project === undefined ? {} : { quotaProject: how.project }),
        })
      : await steered.call("accounts.signIn.openrouter", { account: withoutProvider(draft) });
  return awaitSignIn({ who, started, open: how.open, keep }, steered, console);
}

/** Shows the page and waits until the browser came back. */
export async function awaitSignIn(
  { who, started, open, keep }: { who: string; started: SignInStarted; open: boolean; keep: boolean },
  steered: Session,
  console: Console,
): Promise<AddResult> {
  const { err } = console;
  err.line(`${t("Sign in with {0} on this page, in a browser:", who)}\n\n  ${started.url}\n`);
  for (const note of started.notes) err.line(note);
  const comesBack = new URL(started.redirectUri).host;
  err.line(
    t(
      "If the browser ends at a page that it cannot open ({0}), paste that page's address here and press Enter.",
      comesBack,
    ),
  );
  if (open && !(await openInBrowser(started.url))) {
    err.line(t("No browser could be started. Open the page yourself."));
  }
  const stop = readPasted(started, steered, console);
  try {
    const timeoutMs = Math.max(started.expiresAt - err.now(), 0) + PROOF_MS;
    const result = await steered.call("accounts.signIn.await", { id: started.id, keep }, timeoutMs);
    if (!result.ok && result.canKeep === true)
      await steered.call("accounts.signIn.cancel", { id: started.id });
    return result;
  } finally {
    stop();
  }
}

/** Each line may be the address that the browser could not open. @returns ends the reading */
function readPasted({ id }: SignInStarted, steered: Session, { stdin, err }: Console): () => void {
  const lines = createInterface({ input: stdin, terminal: false });
  let over = false;
  lines.on("line", (line) => {
    const url = line.trim();
    if (url === "" || over) return;
    steered.call("accounts.signIn.paste", { id, url }).catch((error: unknown) => {
      // The sign-in goes on: another address may be the right one.
      if (!over) err.line(plain(messageOf(error)));
    });
  });
  return () => {
    over = true;
    lines.close();
    stdin.pause();
  };
}

/** As Google's page of clients downloads it. */
const clientFileSchema = z.object({
  installed: z.object({
    client_id: z.string().min(1).max(1000),
    client_secret: z.string().min(1).max(10_000).optional(),
  }),
});

export async function clientOf(
  { clientFile, clientId = "", clientSecretEnv }: SignInArguments,
  { stdin, env, err }: Console,
): Promise<GoogleClient> {
  if (clientFile !== undefined) return readClient(clientFile);
  let secret: string | undefined;
  if (clientSecretEnv !== undefined) {
    secret = cleanKey(env[clientSecretEnv] ?? "");
    if (!secret) throw new UsageError(t("the environment variable {0} is not set or empty", clientSecretEnv));
  } else if (stdin.isTTY) {
    secret = await readHidden(`${t("Client secret (Enter: none):")} `, {
      stdin,
      write: (text) => err.write(text),
    });
  }
  return { clientId, ...(secret ? { clientSecret: secret } : {}) };
}

async function readClient(file: string): Promise<GoogleClient> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    throw new UsageError(`--client-file: ${messageOf(error)}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Its words would quote the file, which holds a secret.
  }
  const found = clientFileSchema.safeParse(json);
  if (!found.success) {
    throw new UsageError(
      t(
        '--client-file: {0} is no OAuth client of type "Desktop app". Download its JSON from {1}',
        file,
        CLIENTS_PAGE,
      ),
    );
  }
  const { client_id: clientId, client_secret: clientSecret } = found.data.installed;
  return { clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

function withoutProvider({ provider: _provider, ...rest }: AccountDraft): Omit<AccountDraft, "provider"> {
  return rest;
}
