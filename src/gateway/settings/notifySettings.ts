/** Where notices go when nobody looks at a window: only a config file says so. */
import * as z from "zod";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export const notifySchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "must be an address such as https://example.com/notices" })
    .max(2000)
    .refine((value) => value.startsWith("https:") || LOOPBACK.test(new URL(value).hostname), {
      error: "must be https, or on this computer: notices say which accounts there are",
    }),
  secret: z
    .string()
    .min(16, { error: "must have at least 16 characters; a webhook knows Portico's notices by it" })
    .max(500),
});

export type NotifySettings = z.output<typeof notifySchema>;
