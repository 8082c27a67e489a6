/** The handlers of the methods about credentials. */
import type { Params, Result } from "../../control/contract.ts";
import type { CredentialMethods } from "../../control/credentials.ts";
import type { CredentialService } from "./credentialService.ts";

type CredentialHandlers = {
  readonly [M in keyof CredentialMethods]: (
    params: Params<M>,
    signal: AbortSignal,
  ) => Result<M> | Promise<Result<M>>;
};

export function credentialHandlers(steering: CredentialService): CredentialHandlers {
  return {
    "accounts.signIn.google": (params) => steering.signInWithGoogle(params),
    "accounts.signIn.openrouter": (params) => steering.signInWithOpenRouter(params),
    "accounts.signIn.await": ({ id, keep = false }, signal) => steering.awaitSignIn(id, keep, signal),
    "accounts.signIn.paste": ({ id, url }) => {
      steering.pasteSignIn(id, url);
      return { accepted: true };
    },
    "accounts.signIn.cancel": ({ id }) => ({ cancelled: steering.cancelSignIn(id) }),
    "accounts.addMany": (params, signal) => steering.addMany(params, signal),
    "accounts.export": (params) => steering.exportAccounts(params),
    "accounts.import.preview": (params) => steering.previewImport(params),
    "accounts.import.apply": (params) => steering.importAccounts(params),
    "accounts.discover": (params) => steering.discover(params?.envFile),
    "accounts.discover.take": ({ ids, envFile }, signal) => steering.takeDiscovered(ids, envFile, signal),
  };
}
