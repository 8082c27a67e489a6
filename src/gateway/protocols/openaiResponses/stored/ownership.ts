/** Whose a response or conversation is: the owner's, or a client key's. */
import * as z from "zod";

/**
 * The place of an id in a map that all clients share. Ids of keys hold no space, and the owner's begins with one: no id
 * that anybody asks for leads to another's.
 * @param client id of the key; absent: the owner
 */
export const scoped = (client: string | undefined, id: string): string => `${client ?? ""} ${id}`;

/** What a key made stands in a form of its own, which a Portico that knows no keys passes over. */
const wrapped = z.object({ client: z.string().min(1).max(100), made: z.unknown() });

/** As it is saved. */
export function ofClient({ client, ...made }: { readonly client: string | undefined }): unknown {
  return client === undefined ? made : { client, made };
}

export function madeBy(saved: unknown): { client: string | undefined; saved: unknown } {
  const { success, data } = wrapped.safeParse(saved);
  return success ? { client: data.client, saved: data.made } : { client: undefined, saved };
}
