/** What makes one pool of several gateways, over an engine of the person's own: only a config file says so. */
import * as z from "zod";

/** Is it a zone of the IANA database? */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const poolSchema = z.strictObject({
  url: z.url({ protocol: /^rediss?$/, error: "must be an address such as rediss://engine:6379" }).max(2000),
  secret: z
    .string()
    .min(16, { error: "must have at least 16 characters; it is the same in all gateways of the pool" })
    .max(500),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, {
      error: "must be 1 to 32 letters, digits, dots, dashes or underscores, and start with a letter or digit",
    })
    .default("default"),
  timeZone: z
    .string()
    .max(60)
    .refine(isTimeZone, { error: "must be a time zone such as Europe/Berlin" })
    .default("UTC"),
  whenAway: z.enum(["share", "refuse"]).default("share"),
  ca: z
    .string()
    .max(60_000)
    .startsWith("-----BEGIN CERTIFICATE-----", {
      error: "must be a certificate as PEM text, best read from a file",
    })
    .exactOptional(),
});

export type PoolSettings = z.output<typeof poolSchema>;
