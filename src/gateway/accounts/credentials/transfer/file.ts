/**
 * The file that carries accounts from one computer to another: readable JSON, its secrets sealed or absent
 * (version 1), or a backup, in which routes, settings and client keys are as well and everything is sealed (version 2).
 */
import * as z from "zod";
import { badRequest } from "../../../common/errors.ts";
import { type Fields, parseJson } from "../../../common/json.ts";
import { MAX_CLIENT_KEYS, MAX_REVOKED } from "../../../settings/clientKeys.ts";
import { accountSchema, type RouteSettings, routeSchema } from "../../../settings/settings.ts";
import type { StoredAccount } from "../../accountsFile.ts";
import { type Credential, credentialSchema } from "../credential.ts";
import { seal, sealedSchema, unseal } from "./sealed.ts";

const VERSION = 1;
/** A Portico that knows no backups says of one that a newer Portico wrote it. */
const BACKUP_VERSION = 2;
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

const backupSchema = z.strictObject({
  portico: z.literal("accounts"),
  version: z.literal(BACKUP_VERSION),
  exportedAt: z.iso.datetime(),
  secrets: sealedSchema,
});

const credentialsSchema = z.record(z.string(), credentialSchema);

/** What is sealed in a backup. */
const backedUpSchema = z.object({
  accounts: z.array(storedAccount).max(1000),
  credentials: credentialsSchema,
  routes: z.array(routeSchema).max(1000),
  settings: z.record(z.string().max(100), z.unknown()),
  // Of a Portico that has client keys.
  keys: z.array(z.unknown()).max(MAX_CLIENT_KEYS).exactOptional(),
  revokedKeys: z.array(z.unknown()).max(MAX_REVOKED).exactOptional(),
});

/** What a backup holds beside accounts. */
export interface BackedUpSettings {
  readonly routes: readonly RouteSettings[];
  /** By name. As found: another Portico may know others. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Client keys as `keys.json` has them, as digests. */
  readonly clientKeys?: BackedUpKeys;
}

/** As found: another Portico may know other fields. */
export interface BackedUpKeys {
  readonly keys?: readonly unknown[];
  readonly revoked?: readonly unknown[];
}

export interface Transfer {
  readonly exportedAt: number;
  readonly accounts: readonly StoredAccount[];
  /** By account id. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** It was written with secrets. */
  readonly withSecrets: boolean;
  /** Of a backup. */
  readonly backup?: BackedUpSettings;
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
    accounts: travelling(accounts),
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

/** @throws PorticoError `invalid_request` when the passphrase is too short, or it is more than a file may hold */
export async function writeBackup(
  accounts: readonly StoredAccount[],
  { routes, settings, clientKeys: { keys = [], revoked = [] } = {} }: BackedUpSettings,
  now: number,
  { credentials, passphrase }: { credentials: ReadonlyMap<string, Credential>; passphrase: string },
): Promise<string> {
  const open = {
    portico: "accounts",
    version: BACKUP_VERSION,
    exportedAt: new Date(now).toISOString(),
  } as const;
  const sealed = JSON.stringify({
    accounts: travelling(accounts),
    credentials: Object.fromEntries(credentials),
    routes,
    settings,
    keys,
    revokedKeys: revoked,
  });
  const file = { ...open, secrets: await seal(sealed, passphrase, contextOf(open)) };
  const text = `${JSON.stringify(file, undefined, 2)}\n`;
  if (text.length > MAX_FILE) {
    throw badRequest("There is more than one backup can hold. Export the accounts in parts instead.");
  }
  return text;
}

/** Whether a secret is stored is a fact of this computer. */
function travelling(accounts: readonly StoredAccount[]): Omit<StoredAccount, "stored">[] {
  return accounts.map(({ stored: _stored, ...account }) => account);
}

/**
 * @param passphrase may be left out to look at the file without its secrets; a backup shows nothing without
 * @throws PorticoError `invalid_request` that says what is wrong with the file or the passphrase
 */
export async function readTransfer(text: string, passphrase: string | undefined): Promise<Transfer> {
  const json = parse(text);
  if (json.version === BACKUP_VERSION) return readBackup(json, passphrase);
  const file = fileSchema.safeParse(json);
  if (!file.success) throw damaged(file.error);
  const { accounts, exportedAt, secrets } = file.data;
  let credentials: ReadonlyMap<string, Credential> = new Map();
  if (secrets !== undefined && passphrase !== undefined) {
    const open = await unseal(secrets, passphrase, contextOf(json));
    credentials = readCredentials(open);
  }
  matched(accounts, credentials);
  return { exportedAt: Date.parse(exportedAt), accounts, credentials, withSecrets: secrets !== undefined };
}

async function readBackup(
  json: z.output<typeof headSchema>,
  passphrase: string | undefined,
): Promise<Transfer> {
  const file = backupSchema.safeParse(json);
  if (!file.success) throw damaged(file.error);
  if (passphrase === undefined) throw badRequest("The file is a backup: give its passphrase.", "passphrase");
  const { secrets, exportedAt } = file.data;
  const inside = backedUpSchema.safeParse(parseJson(await unseal(secrets, passphrase, contextOf(json))));
  if (!inside.success) {
    throw badRequest("The backup holds something that this Portico does not know. Update Portico.", "text");
  }
  const { accounts, routes, settings, keys = [], revokedKeys: revoked = [] } = inside.data;
  const credentials = new Map(Object.entries(inside.data.credentials));
  matched(accounts, credentials);
  return {
    exportedAt: Date.parse(exportedAt),
    accounts,
    credentials,
    withSecrets: true,
    backup: {
      routes,
      settings,
      ...(keys.length + revoked.length === 0 ? {} : { clientKeys: { keys, revoked } }),
    },
  };
}

function damaged(error: z.ZodError): Error {
  const [issue] = error.issues;
  return badRequest(`The file is damaged: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`, "text");
}

/** Each account once, and each secret of one. */
function matched(accounts: readonly StoredAccount[], credentials: ReadonlyMap<string, Credential>): void {
  const ids = new Set(accounts.map(({ id }) => id));
  if (ids.size < accounts.length) throw badRequest("The file is damaged: an id is used twice.", "text");
  for (const id of credentials.keys()) {
    if (!ids.has(id)) throw badRequest("The file is damaged: it has a secret of no account.", "text");
  }
}

function parse(text: string): z.output<typeof headSchema> {
  if (text.length > MAX_FILE) throw badRequest("The file is too large to be one of Portico's.", "text");
  const json = parseJson(text);
  if (json === undefined) {
    throw badRequest("The file is not JSON: it was cut short or changed, or is none of Portico's.", "text");
  }
  const head = headSchema.safeParse(json);
  if (!head.success) throw badRequest("The file holds no accounts of Portico.", "text");
  if (head.data.version > BACKUP_VERSION) {
    throw badRequest("The file was written by a newer Portico. Update Portico to import it.", "text");
  }
  return head.data;
}

/** All that is in the open. Changing an address there would send a sealed key elsewhere. */
function contextOf({ portico, version, exportedAt, accounts }: Fields): string {
  return JSON.stringify([portico, version, exportedAt, accounts]);
}

function readCredentials(text: string): ReadonlyMap<string, Credential> {
  const secrets = credentialsSchema.safeParse(parseJson(text));
  if (!secrets.success)
    throw badRequest("The secrets in the file are of a kind this Portico does not know.", "text");
  return new Map(Object.entries(secrets.data));
}
