/** `portico accounts sign-in ID`: the same account with a new sign-in, or another key. */

import { t } from "@vscode/l10n";
import type { AddResult } from "../control/credentials.ts";
import { unknownAccount } from "./accounts.ts";
import type { SignInAgainArguments } from "./command.ts";
import { UsageError } from "./command.ts";
import { connectGateway } from "./connect.ts";
import { keySource, readKey } from "./key.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain } from "./screen.ts";
import { awaitSignIn, clientOf } from "./signIn.ts";
import { using } from "./using.ts";

export async function signInAgain(args: SignInAgainArguments, console: Console): Promise<ExitCode> {
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const account = ((await steered?.call("accounts.list", undefined)) ?? []).find(
      ({ id }) => id === args.id,
    );
    if (steered === undefined || account === undefined) {
      console.err.line(await unknownAccount(args.id, steered));
      return 1;
    }
    const { id, label, credential } = account;
    if (credential === "service-account") {
      throw new UsageError(
        t("a service account does not sign in; remove it and add it with another key file"),
      );
    }
    const byKey = args.keyEnv !== undefined || (credential !== "google" && credential !== "openrouter");
    if (byKey && credential === "google")
      throw new UsageError(t("this account signs in; it takes no --key-env"));
    const { clientFile, clientId, open } = args.how;
    let result: Pick<AddResult, "ok"> & { message?: string };
    if (byKey) {
      const apiKey = await readKey({ variable: args.keyEnv, label, required: true }, keySource(console));
      result = await steered.call("accounts.replaceKey", { id, apiKey: apiKey ?? "", keep: args.keep });
    } else {
      const other = clientFile !== undefined || clientId !== undefined;
      const again = { again: id };
      const started =
        credential === "google"
          ? await steered.call("accounts.signIn.google", {
              ...again,
              ...(other ? { client: await clientOf(args.how, console) } : {}),
            })
          : await steered.call("accounts.signIn.openrouter", again);
      const who = credential === "google" ? "Google" : "OpenRouter";
      result = await awaitSignIn({ who, started, open, keep: args.keep }, steered, console);
    }
    if (args.json) json(console, result);
    else if (result.ok)
      console.out.line(
        byKey ? t("{0} has its new key.", plain(label)) : t("{0} is signed in again.", plain(label)),
      );
    if (!result.ok && !args.json) {
      const why = plain(result.message ?? t("it was refused"));
      console.err.line(t("{0} is as it was: {1}", plain(label), why));
    }
    return result.ok ? 0 : 1;
  });
}
