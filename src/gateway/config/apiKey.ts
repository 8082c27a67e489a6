/** The gateway's own key: what clients show where one is asked for. */
import { randomBytes } from "node:crypto";
import type { SecretStore } from "../common/ports.ts";

/** Where the generated key is kept in the `SecretStore`. */
export const API_KEY_SECRET = "gateway.apiKey";

/** A new key: `sk-portico-` and 192 random bits in hex. */
export function generateApiKey(): string {
  return `sk-portico-${randomBytes(24).toString("hex")}`;
}

/** The key from the settings where they have one, else the kept one, made on first use. */
export async function resolveApiKey(configured: string | undefined, secrets: SecretStore): Promise<string> {
  if (configured !== undefined) return configured;
  return (await secrets.get(API_KEY_SECRET)) || rotateApiKey(secrets);
}

/** Makes and keeps a new key; the old one no longer opens anything once it is applied. */
export async function rotateApiKey(secrets: SecretStore): Promise<string> {
  const key = generateApiKey();
  await secrets.set(API_KEY_SECRET, key);
  return key;
}
