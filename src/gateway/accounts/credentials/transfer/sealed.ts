/**
 * Text under a passphrase: scrypt (RFC 7914) makes the key, AES-256-GCM encrypts. The parameters are
 * kept beside the result, so that later versions may choose dearer ones, and are bounded when read.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import * as z from "zod";
import { badRequest } from "../../../common/errors.ts";

/** 128 MiB and about half a second. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt */
const CHOSEN = { N: 2 ** 17, r: 8, p: 1 };
/** Bytes that reading may cost: a file cannot ask for all the memory there is. */
const MAX_MEMORY = 512 * 1024 * 1024;
const MIN_PASSPHRASE = 8;

const base64 = (bytes: number) =>
  z
    .base64()
    .max(Math.ceil(bytes / 3) * 4)
    .refine((text) => Buffer.from(text, "base64").length === bytes);

const kdfSchema = z
  .strictObject({
    name: z.literal("scrypt"),
    N: z
      .int()
      .min(2 ** 15)
      .max(2 ** 20)
      .refine((n) => (n & (n - 1)) === 0, { error: "must be a power of two" }),
    r: z.int().min(8).max(32),
    p: z.int().min(1).max(4),
    salt: base64(16),
  })
  .refine(({ N, r }) => memoryOf(N, r) <= MAX_MEMORY, { error: "asks for too much memory" });

export const sealedSchema = z.strictObject({
  version: z.literal(1),
  kdf: kdfSchema,
  cipher: z.strictObject({ name: z.literal("aes-256-gcm"), iv: base64(12), tag: base64(16) }),
  data: z.base64().max(8 * 1024 * 1024),
});
export type Sealed = z.output<typeof sealedSchema>;

/**
 * @param context what lies beside it in the open and must not be changed
 * @throws PorticoError `invalid_request` when the passphrase is too short
 */
export async function seal(text: string, passphrase: string, context: string): Promise<Sealed> {
  if (passphrase.length < MIN_PASSPHRASE) {
    throw badRequest(`The passphrase needs at least ${MIN_PASSPHRASE} characters.`, "passphrase");
  }
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", await keyOf(passphrase, salt, CHOSEN), iv);
  cipher.setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return {
    version: 1,
    kdf: { name: "scrypt", ...CHOSEN, salt: salt.toString("base64") },
    cipher: { name: "aes-256-gcm", iv: iv.toString("base64"), tag: cipher.getAuthTag().toString("base64") },
    data: data.toString("base64"),
  };
}

/** @throws PorticoError `invalid_request` when the passphrase is wrong or anything was changed */
export async function unseal(
  { kdf, cipher, data }: Sealed,
  passphrase: string,
  context: string,
): Promise<string> {
  const key = await keyOf(passphrase, Buffer.from(kdf.salt, "base64"), kdf);
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(cipher.iv, "base64"), {
    authTagLength: 16,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(Buffer.from(cipher.tag, "base64"));
  try {
    return Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]).toString("utf8");
  } catch {
    throw badRequest("The passphrase is wrong, or the file was changed after it was written.", "passphrase");
  }
}

function memoryOf(N: number, r: number): number {
  return 128 * N * r;
}

function keyOf(
  passphrase: string,
  salt: Buffer,
  { N, r, p }: { N: number; r: number; p: number },
): Promise<Buffer> {
  // Keyboards write the same letter in different ways.
  const password = passphrase.normalize("NFKC");
  return new Promise((resolve, reject) => {
    scrypt(
      password,
      salt,
      32,
      { N, r, p, maxmem: memoryOf(N, r) + 128 * r * p + 1024 * 1024 },
      (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      },
    );
  });
}
