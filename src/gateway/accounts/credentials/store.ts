/** Credentials in the secret store. */
import { messageOf, PorticoError } from "../../common/errors.ts";
import { FileFailure } from "../../common/fileFailure.ts";
import type { Clock, SecretStore } from "../../common/ports.ts";
import { type Credential, decodeCredential, encodeCredential, secretsIn } from "./credential.ts";

/** Where the secret store has the credential of an account. Older versions kept plain keys there, which still work. */
export function accountSecretKey(id: string): string {
  return `account.${id}.apiKey`;
}

export interface CredentialStore {
  /**
   * @param fresh past everything kept in memory
   * @throws PorticoError `authentication` when what is kept cannot be used
   */
  load(id: string, options?: { fresh?: boolean }): Promise<Credential | undefined>;
  /** @throws PorticoError `unavailable` when it cannot be stored */
  save(id: string, credential: Credential): Promise<void>;
  remove(id: string): Promise<void>;
}

export function createCredentialStore(secrets: SecretStore): CredentialStore {
  return {
    async load(id, options) {
      const text = await secrets.get(accountSecretKey(id), options);
      if (text === undefined) return undefined;
      try {
        return decodeCredential(text);
      } catch (error) {
        throw new PorticoError("authentication", messageOf(error));
      }
    },
    async save(id, credential) {
      try {
        await secrets.set(accountSecretKey(id), encodeCredential(credential));
      } catch (error) {
        const why =
          error instanceof FileFailure ? error.message : "Is the secret storage (keyring) available?";
        throw new PorticoError("unavailable", `The credential could not be stored. ${why}`, { cause: error });
      }
    },
    remove: (id) => secrets.delete(accountSecretKey(id)),
  };
}

const MAX_TOLD = 5000;

/** A secret store whose every secret the log's redaction hears of before anyone uses it. */
export function watchedSecrets(secrets: SecretStore, onSecrets: (values: string[]) => void): SecretStore {
  const told = new Map<string, string>();
  // Every request reads one; telling the same again would cost it.
  const tell = (key: string, value: string) => {
    if (told.get(key) === value) return;
    if (told.size >= MAX_TOLD) told.clear();
    told.set(key, value);
    onSecrets(secretsIn(value));
  };
  return {
    async get(key, options) {
      const value = await secrets.get(key, options);
      if (value !== undefined) tell(key, value);
      return value;
    },
    set(key, value) {
      tell(key, value);
      return secrets.set(key, value);
    },
    delete: (key) => secrets.delete(key),
  };
}

/** Milliseconds for which a secret that was read is not read again. */
export const KEPT_MS = 1000;

/**
 * A slow secret store whose values are read once a second at most: requests come faster than that. What is not there is
 * asked for again: it may come later, once a keyring is unlocked.
 */
export function keptSecrets(
  secrets: SecretStore,
  clock: Pick<Clock, "monotonic">,
  keptMs = KEPT_MS,
): SecretStore {
  const kept = new Map<string, { value: string; until: number }>();
  const keep = (key: string, value: string) => {
    if (kept.size >= MAX_TOLD) kept.clear();
    kept.set(key, { value, until: clock.monotonic() + keptMs });
  };
  return {
    async get(key, options) {
      const known = kept.get(key);
      if (known !== undefined && clock.monotonic() < known.until && options?.fresh !== true)
        return known.value;
      const value = await secrets.get(key, options);
      if (value === undefined) kept.delete(key);
      else keep(key, value);
      return value;
    },
    async set(key, value) {
      kept.delete(key);
      await secrets.set(key, value);
      keep(key, value);
    },
    async delete(key) {
      kept.delete(key);
      await secrets.delete(key);
    },
  };
}
