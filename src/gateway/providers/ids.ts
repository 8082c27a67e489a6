/** Ids of the providers, as settings name them. They are the keys of `table.ts`. */
import { TABLE } from "./table.ts";

export type ProviderId = keyof typeof TABLE;

export const PROVIDER_IDS = Object.keys(TABLE) as readonly ProviderId[];
