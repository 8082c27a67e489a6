/**
 * Credentials that lie about on this computer: variables of the environment or of a `.env` file that
 * the person names, and Google's application-default credentials. Looking takes nothing.
 */
import { createHmac, randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { cleanKey, keyProblem } from "../../../control/pastedText.ts";
import { codeOf } from "../../common/dataFolder.ts";
import { badRequest } from "../../common/errors.ts";
import { decodeText } from "../../common/readText.ts";
import type { ProviderId } from "../../providers/ids.ts";
import { type Credential, grantIn, ownerOf } from "./credential.ts";
import { vertexBase } from "./google.ts";
import { parsePasted } from "./pasted.ts";

/** Bytes of a file that is looked into. */
const MAX_BYTES = 256 * 1024;

/** In the order in which the providers' own tools prefer them. */
const VARIABLES: readonly (readonly [name: string, provider: ProviderId])[] = [
  ["OPENAI_API_KEY", "openai"],
  ["ANTHROPIC_API_KEY", "anthropic"],
  ["GOOGLE_API_KEY", "gemini"],
  ["GEMINI_API_KEY", "gemini"],
  ["OPENROUTER_API_KEY", "openrouter"],
];

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

export interface Found {
  /** The same for the same find while this process lives; tells nothing of the value. */
  readonly id: string;
  readonly provider: ProviderId;
  readonly source: string;
  readonly name: string;
  readonly masked: string;
  readonly credential: Credential;
  /** Where the account's endpoint has to be, where the provider has none of its own. */
  readonly base?: string;
}

const idKey = randomBytes(32);

/** @throws PorticoError `invalid_request` when `envFile` cannot be read; the others are passed over. */
export async function discover(surroundings: Surroundings, envFile?: string): Promise<Found[]> {
  const found = fromVariables(surroundings.env, "the environment");
  if (envFile !== undefined) found.push(...fromVariables(await readEnvFile(envFile), envFile));
  found.push(...(await fromDefaultCredentials(surroundings)));
  const seen = new Set<string>();
  return found.filter(({ provider, credential }) => {
    const key = JSON.stringify([provider, credential]);
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}

function fromVariables(env: Surroundings["env"], source: string): Found[] {
  return VARIABLES.flatMap(([name, provider]) => {
    const apiKey = cleanKey(env[name] ?? "");
    if (apiKey.length < 8 || apiKey.length > 10_000 || keyProblem(apiKey) !== undefined) return [];
    const credential = { kind: "apiKey", apiKey } as const;
    return [
      {
        id: idOf(provider, source, name, apiKey),
        provider,
        source,
        name,
        masked: masked(apiKey),
        credential,
      },
    ];
  });
}

async function readEnvFile(path: string): Promise<Surroundings["env"]> {
  let text: string | undefined;
  try {
    text = await readSmall(path);
  } catch (error) {
    throw badRequest(`${path} cannot be read (${codeOf(error) ?? "unknown"}).`, "envFile");
  }
  if (text === undefined)
    throw badRequest(`${path} is no file, or larger than ${MAX_BYTES} bytes.`, "envFile");
  return parseEnv(text);
}

/** https://cloud.google.com/docs/authentication/application-default-credentials */
async function fromDefaultCredentials(surroundings: Surroundings): Promise<Found[]> {
  const path = defaultCredentialsPath(surroundings);
  const text = await readSmall(path).catch(() => undefined);
  if (text === undefined) return [];
  return parsePasted(text, undefined).found.flatMap(({ credential, project: named }) => {
    const project = named ?? surroundings.env.GOOGLE_CLOUD_PROJECT;
    const secret = grantIn(credential);
    const whose = ownerOf(credential) ?? masked(secret);
    const common = { source: path, name: "application-default credentials", masked: whose, credential };
    const gemini = { ...common, provider: "gemini", id: idOf("gemini", path, "", secret) } as const;
    if (project === undefined) return [gemini];
    const base = vertexBase(project);
    return [gemini, { ...common, provider: "vertex", id: idOf("vertex", path, "", secret), base } as const];
  });
}

function defaultCredentialsPath({ env, platform, home }: Surroundings): string {
  if (env.GOOGLE_APPLICATION_CREDENTIALS) return env.GOOGLE_APPLICATION_CREDENTIALS;
  const file = "application_default_credentials.json";
  if (env.CLOUDSDK_CONFIG) return join(env.CLOUDSDK_CONFIG, file);
  return platform === "win32"
    ? join(env.APPDATA ?? home, "gcloud", file)
    : join(home, ".config/gcloud", file);
}

/** @returns `undefined` where it is too large to be what we look for */
async function readSmall(path: string): Promise<string | undefined> {
  const handle = await open(path, "r");
  try {
    const stats = await handle.stat();
    // A device or a pipe never ends.
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    return decodeText(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/** Its first and last characters, where it is long enough to keep the rest to itself. */
export function masked(secret: string): string {
  return secret.length < 24 ? "…" : `${secret.slice(0, 3)}…${secret.slice(-4)}`;
}

function idOf(...parts: readonly string[]): string {
  return createHmac("sha256", idKey).update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}
