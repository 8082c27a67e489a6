/** `portico accounts add PROVIDER`: a key that no argument shows, a real call, and only then it is kept. */

import { t } from "@vscode/l10n";
import { baseUrlProblem, endpointsOf } from "../control/baseUrls.ts";
import type { NewAccount, Protocol, ProviderView } from "../control/contract.ts";
import type { AccountDraft, AddResult } from "../control/credentials.ts";
import { knownProtocols, PROTOCOLS } from "../control/protocol.ts";
import { nearest } from "../gateway/config/nearest.ts";
import { type AddArguments, UsageError } from "./command.ts";
import { openGateway } from "./connect.ts";
import { keySource, readKey } from "./key.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain } from "./screen.ts";
import { signIn } from "./signIn.ts";
import { using } from "./using.ts";

export async function addAccount(args: AddArguments, console: Console): Promise<ExitCode> {
  return using(openGateway(steering(console, args)), async (steered) => {
    const provider = chosen(
      args.signIn !== undefined && args.provider.toLowerCase() === "google" ? "gemini" : args.provider,
      await steered.call("providers.list", undefined),
    );
    const { signIn: how, keep } = args;
    // A sign-in brings the address along.
    const bare = how !== undefined && args.baseUrls.length === 0;
    const endpoints = bare ? undefined : wantedEndpoints(args.baseUrls, provider);
    const draft: AccountDraft = {
      provider: provider.id,
      ...(args.id === undefined ? {} : { id: args.id }),
      ...(args.label === undefined ? {} : { label: args.label }),
      ...(args.priority === undefined ? {} : { priority: args.priority }),
      ...(endpoints === undefined ? {} : { endpoints }),
      ...(args.models.length === 0 ? {} : { models: [...args.models] }),
    };
    if (how !== undefined) {
      const result = await signIn({ provider, draft, how, keep }, steered, console);
      if (args.json) json(console, result);
      else tell(result, console);
      return result.ok ? 0 : 1;
    }
    const wanted = { variable: args.keyEnv, label: provider.label, required: provider.keyRequired };
    const apiKey = await readKey(wanted, keySource(console));
    const account: NewAccount = { ...draft, ...(apiKey === undefined ? {} : { apiKey }) };
    const checked = await steered.call("accounts.check", account);
    let result: AddResult;
    if (checked.ok || keep) {
      const added = await steered.call("accounts.add", account);
      result = { ok: true, account: added, models: checked.ok ? checked.models : [] };
    } else {
      result = { ok: false, reason: checked.reason, message: checked.message, canKeep: true };
    }
    if (args.json) json(console, result);
    else tell(result, console);
    if (!checked.ok && keep)
      console.err.line(t("It was kept, but does not work yet: {0}", plain(checked.message)));
    return result.ok ? 0 : 1;
  });
}

function tell(result: AddResult, { out, err }: Console): void {
  if (result.ok) {
    const { account, models } = result;
    const some = models.slice(0, 5).map(plain).join(", ");
    const added = t("Added {0} as {1}.", plain(account.label), account.id);
    if (models.length === 0) out.line(added);
    else if (models.length <= 5) out.line(`${added} ${t("Models: {0}.", some)}`);
    else out.line(`${added} ${t("Models: {0}, and {1} more.", some, models.length - 5)}`);
  } else {
    err.line(t("Nothing was added: {0}", plain(result.message)));
    if (result.canKeep) err.line(t("With --keep it is added all the same."));
  }
}

function chosen(name: string, providers: readonly ProviderView[]): ProviderView {
  const found = providers.find(({ id }) => id === name.toLowerCase());
  if (found !== undefined) return found;
  const ids = providers.map(({ id }) => id);
  const meant = nearest(name, ids);
  const given = JSON.stringify(name);
  throw new UsageError(
    meant === undefined
      ? t("unknown provider {0}; there are: {1}", given, ids.join(", "))
      : t("unknown provider {0}; did you mean {1}?", given, meant),
  );
}

/** @throws UsageError */
export function wantedEndpoints(
  texts: readonly string[],
  { label, protocols, needsBaseUrl, example }: ProviderView,
): NewAccount["endpoints"] {
  if (texts.length === 0) {
    if (!needsBaseUrl) return undefined;
    throw new UsageError(
      example === undefined
        ? t("{0} needs the address of its server: --base-url URL", label)
        : t("{0} needs the address of its server: --base-url URL, such as {1}", label, example),
    );
  }
  const endpoints: Partial<Record<Protocol, string>> = {};
  for (const text of texts) {
    const [, named, rest] = /^([a-z-]+)=(.*)$/s.exec(text) ?? [];
    const protocol = PROTOCOLS.find((each) => each === named);
    if (named !== undefined && protocol === undefined) {
      throw new UsageError(
        t("--base-url: unknown protocol {0}; there are: {1}", JSON.stringify(named), PROTOCOLS.join(", ")),
      );
    }
    const url = rest ?? text;
    const problem = baseUrlProblem(url, t);
    if (problem !== undefined) throw new UsageError(`--base-url: ${problem}`);
    Object.assign(
      endpoints,
      endpointsOf(url, protocol === undefined ? knownProtocols(protocols) : [protocol]),
    );
  }
  return endpoints;
}
