/** Finds the encrypted reasoning in a reply of the Responses API. */

/** Characters that tell one encrypted text from another: far more than its version, time and nonce. */
export const TELLING_CHARACTERS = 120;
/** Encrypted texts of one request or reply that are looked at. */
export const ENCRYPTED_LIMIT = 500;

/** Finds encrypted texts in a reply that passes, without parsing it. */
export class EncryptedScan {
  readonly #found: (data: string) => void;
  #torn: Buffer | undefined;
  #count = 0;

  constructor(found: (data: string) => void) {
    this.#found = found;
  }

  push(chunk: Buffer): void {
    if (this.#count >= ENCRYPTED_LIMIT) return;
    const bytes = this.#torn === undefined ? chunk : Buffer.concat([this.#torn, chunk]);
    this.#torn = undefined;
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + MARK.length)) {
      const end = at + MARK.length + TELLING_CHARACTERS + 8;
      const match = /^\s*:\s*"([A-Za-z0-9+/=_.-]{1,120})("?)/.exec(
        bytes.toString("latin1", at + MARK.length, end),
      );
      if (match === null || (match[2] === "" && match[1]?.length !== TELLING_CHARACTERS)) {
        // The rest of it is in the next chunk, or it is no text of this kind.
        if (end > bytes.length) this.#torn = Buffer.from(bytes.subarray(at));
        continue;
      }
      this.#count++;
      this.#found(match[1] ?? "");
    }
  }
}

const MARK = Buffer.from('"encrypted_content"');
