/** Client keys as a config file and `keys.json` have them: who may call, and how much. */
import { isIP } from "node:net";
import * as z from "zod";
import { visible } from "../../control/visible.ts";
import { endOf, hashOf, isHash } from "../common/clientSecret.ts";
import { budgetSchema } from "./rules.ts";

/** The id of whoever calls from this computer without a key, where nobody needs one. */
export const LOCAL_CLIENT = "local";
export const MAX_CLIENT_KEYS = 1000;
/** Digests of keys that were revoked; the oldest goes first. */
export const MAX_REVOKED = 1000;

const name = z
  .string()
  .min(1)
  .max(100)
  .overwrite((text) => visible(text).trim());
const count = z.int().min(0).max(1e9);

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
const range = z
  .string()
  .max(60)
  .refine(
    (text) => {
      const [address = "", bits, ...rest] = text.split("/");
      const family = isIP(address);
      if (family === 0 || rest.length > 0) return false;
      return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
    },
    { error: "must be an address or a range such as 192.168.0.0/16" },
  );

/** Milliseconds since 1970; a person may write a date. */
const moment = z.union([
  z.int().positive(),
  z
    .string()
    .max(40)
    .refine((text) => !Number.isNaN(Date.parse(text)), { error: "must be a date such as 2027-01-31" })
    .transform((text) => Date.parse(text)),
]);

/** What a key may do. Absent: no limit. An empty list: nothing. */
export const keyLimits = {
  models: z.array(z.string().min(1).max(200)).max(200).exactOptional(),
  accounts: z.array(z.string().min(1).max(64)).max(200).exactOptional(),
  budgets: z
    .array(budgetSchema.omit({ account: true }))
    .max(20)
    .exactOptional(),
  perMinute: z
    .strictObject({ requests: count.exactOptional(), tokens: count.exactOptional() })
    .exactOptional(),
  atOnce: count.exactOptional(),
  from: z.array(range).max(100).exactOptional(),
  expiresAt: moment.exactOptional(),
};

const secret = z
  .string()
  .min(20, { error: "must have at least 20 characters" })
  .max(500)
  .refine((text) => !text.startsWith("sha256:") || isHash(text), {
    error: "must be sha256: and 64 hexadecimal digits in lower case",
  });
/** Its digest alone, whatever was given. */
const digest = secret.overwrite((text) => (isHash(text) ? text : hashOf(text)));

export const clientKeyFields = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    error: "must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit",
  }),
  name: name.exactOptional(),
  key: digest.exactOptional(),
  /** The last characters of the key. */
  end: z.string().max(8).exactOptional(),
  enabled: z.boolean().default(true),
  ...keyLimits,
  note: z.string().max(500).exactOptional(),
  /** Milliseconds since 1970. */
  createdAt: z.number().exactOptional(),
  /** The key before this one, as a digest, and until when it counts: milliseconds since 1970. */
  previous: z.strictObject({ key: digest, until: z.number() }).exactOptional(),
});

export const clientKeySchema = z
  .preprocess((given) => {
    const key: unknown = typeof given === "object" && given !== null ? Reflect.get(given, "key") : undefined;
    if (typeof key !== "string" || isHash(key) || Reflect.has(given as object, "end")) return given;
    return { ...(given as object), end: endOf(key) };
  }, clientKeyFields)
  .superRefine((key, context) => {
    if ((key.id === LOCAL_CLIENT) === (key.key === undefined)) return;
    const message =
      key.id === LOCAL_CLIENT ? `"${LOCAL_CLIENT}" is who calls without a key, and has none` : "is missing";
    context.addIssue({ code: "custom", path: ["key"], message });
  });
export type ClientKey = z.output<typeof clientKeySchema>;

export const nameOf = ({ id, name }: Pick<ClientKey, "id" | "name">): string => name ?? id;

/** All of them: each has its own id and its own secret. */
export const clientKeysSchema = z
  .array(clientKeySchema)
  .max(MAX_CLIENT_KEYS)
  .superRefine((keys, context) => {
    const seen = new Set<string>();
    for (const [index, { id, key }] of keys.entries()) {
      for (const [field, value] of [["id", id] as const, ["key", key] as const]) {
        if (value === undefined) continue;
        if (seen.has(value)) {
          const message = field === "id" ? `"${id}" is used twice` : "is another entry's key as well";
          context.addIssue({ code: "custom", path: [index, field], message });
        }
        seen.add(value);
      }
    }
  });

export const revokedSchema = z
  .array(z.string().refine(isHash, { error: "must be sha256: and 64 hexadecimal digits in lower case" }))
  .max(MAX_REVOKED);
