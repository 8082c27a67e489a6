/** Serves the methods about connected clients. */
import * as z from "zod";
import type { ClientMethods } from "../../../control/methods/clients.ts";
import type { Served } from "./served.ts";

const id = z.string().min(1).max(100);
const wish = z.discriminatedUnion("to", [
  z.strictObject({ id, to: z.literal("connect"), model: z.string().min(1).max(500).exactOptional() }),
  z.strictObject({ id, to: z.literal("disconnect") }),
  z.strictObject({ id, to: z.literal("update") }),
]);

export const clientMethods: Served<ClientMethods> = {
  "clients.list": { params: z.undefined(), run: ({ clients }) => clients.list() },
  "clients.preview": { params: wish, run: ({ clients }, wanted) => clients.preview(wanted) },
  "clients.texts": { params: wish, run: ({ clients }, wanted) => clients.texts(wanted) },
  "clients.apply": {
    params: z.strictObject({ wish, seen: z.string().max(100) }),
    run: ({ clients }, { wish: wanted, seen }) => clients.apply(wanted, seen),
  },
};
