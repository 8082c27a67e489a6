/** The file that carries accounts from one computer to another: readable JSON, its secrets sealed or absent. */
import * as z from "zod";
import { badRequest } from "../../../common/errors.ts";
import { accountSchema } from "../../../settings/settings.ts";
import type { StoredAccount } from "../../accountsFile.ts";
import { type Credential, credentialSchema } from "../credential.ts";
import { seal, sealedSchema, unseal } from "./sealed.ts";

const VERSION = 1;
/** Characters. */
export const MAX_FILE = 900_000;

const storedAccount = accountSchema.omit({ credentials: true, headers: true });

const headSchema = z.looseObject({
  portico: z.literal("accounts"),
  version: z.int().positive(),
});

const fileSchema = z.strictObject({
  portico: z.literal("accounts"),
  version: z.literal(VERSION),
  exportedAt: z.iso.datetime(),
  accounts: z.array(storedAccount).max(1000),
  secrets: sealedSchema.exactOptional(),
});

const credentialsSchema = z.record(z.string(), credentialSchema);

export interface Transfer {
  readonly exportedAt: number;
  readonly accounts: readonly StoredAccount[];
  /** By account id. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** It was written with secrets. */
  readonly withSecrets: boolean;
}

/**
 * @param credentials with them the file holds every secret, under the passphrase
 * @throws PorticoError `invalid_request` when the passphrase is too short
 */
export async function writeTransfer(
  accounts: readonly StoredAccount[],
  now: number,
  secrets?: { credentials: ReadonlyMap<string, Credential>; passphrase: string },
): Promise<string> {
  const open = {
    portico: "accounts",
    version: VERSION,
    exportedAt: new Date(now).toISOString(),
    // Whether a secret is stored is a fact of this computer.
    accounts: accounts.map(({ stored: _stored, ...account }) => account),
  } as const;
  const sealed =
    secrets === undefined
      ? {}
      : {
          secrets: await seal(
            JSON.stringify(Object.fromEntries(secrets.credentials)),
            secrets.passphrase,
            contextOf(open),
          ),
        };
  return `${JSON.stringify({ ...open, ...sealed }, undefined, 2)}\n`;
}

/**
 * @param passphrase may be left out to look at the file without its secrets
 * @throws PorticoError `invalid_request` that says what is wrong with the file or the passphrase
 */
export async function readTransfer(text: string, passphrase: string | undefined): Promise<Transfer> {
  const json = parse(text);
  const file = fileSchema.safeParse(json);
  if (!file.success) {
    const issue = file.error.issues[0];
    throw badRequest(`The file is damaged: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`, "text");
  }
  const { accounts, exportedAt, secrets } = file.data;
  const ids = new Set(accounts.map(({ id }) => id));
  if (ids.size < accounts.length) throw badRequest("The file is damaged: an id is used twice.", "text");
  let credentials: ReadonlyMap<string, Credential> = new Map();
  if (secrets !== undefined && passphrase !== undefined) {
    const open = await unseal(secrets, passphrase, contextOf(json));
    credentials = readCredentials(open);
  }
  for (const id of credentials.keys()) {
    if (!ids.has(id)) throw badRequest("The file is damaged: it has a secret of no account.", "text");
  }
  return { exportedAt: Date.parse(exportedAt), accounts, credentials, withSecrets: secrets !== undefined };
}

function parse(text: string): z.output<typeof headSchema> {
  if (text.length > MAX_FILE) throw badRequest("The file is too large to be one of Portico's.", "text");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badRequest("The file is not JSON.", "text");
  }
  const head = headSchema.safeParse(json);
  if (!head.success) throw badRequest("The file holds no accounts of Portico.", "text");
  if (head.data.version > VERSION) {
    throw badRequest("The file was written by a newer Portico. Update Portico to import it.", "text");
  }
  return head.data;
}

/** All that is in the open. Changing an address there would send a sealed key elsewhere. */
function contextOf(open: {
  portico?: unknown;
  version?: unknown;
  exportedAt?: unknown;
  accounts?: unknown;
}): string {
  const { portico, version, exportedAt, accounts } = open;
  return JSON.stringify([portico, version, exportedAt, accounts]);
}

function readCredentials(text: string): ReadonlyMap<string, Credential> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badRequest("The secrets in the file are damaged.", "text");
  }
  const parsed = credentialsSchema.safeParse(json);
  if (!parsed.success)
    throw badRequest("The secrets in the file are of a kind this Portico does not know.", "text");
  return new Map(Object.entries(parsed.data));
}
