/** What may arrive of an account that is to be. */
import * as z from "zod";
import { PROVIDER_IDS } from "../../providers/ids.ts";
import { headersSchema } from "../../settings/accountHeaders.ts";
import { keySchema } from "../../settings/keySchema.ts";
import { accountSchema } from "../../settings/settings.ts";

const { id, label, priority, endpoints, models } = accountSchema.shape;

/** Before there is a credential. */
export const draft = z.strictObject({
  id: id.exactOptional(),
  provider: z.enum(PROVIDER_IDS, { error: "is not a provider that Portico knows" }),
  label: label.unwrap().exactOptional(),
  priority: priority.unwrap().exactOptional(),
  endpoints: endpoints.unwrap().exactOptional(),
  models: models.unwrap().exactOptional(),
});

/** What `accounts.check` and `accounts.add` take. */
export const newAccount = z.strictObject({
  ...draft.shape,
  apiKey: keySchema.exactOptional(),
  headers: headersSchema.exactOptional(),
});
