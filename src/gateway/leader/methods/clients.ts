/** Serves the methods about connected clients. */
import * as z from "zod";
import type { ClientMethods } from "../../../control/methods/clients.ts";
import { MOST_OFFERS } from "../../clients/offers.ts";
import type { Served } from "./served.ts";

const id = z.string().min(1).max(100);
const wish = z.discriminatedUnion("to", [
  z.strictObject({
    id,
    to: z.literal("connect"),
    model: z.string().min(1).max(500).exactOptional(),
    offers: z.array(z.string().min(1).max(250)).max(MOST_OFFERS).exactOptional(),
  }),
  z.strictObject({ id, to: z.literal("disconnect") }),
  z.strictObject({ id, to: z.literal("update") }),
]);

export const clientMethods: Served<ClientMethods> = {
  "clients.list": { params: z.undefined(), run: ({ clients, settings }) => clients.list(settings) },
  "clients.preview": {
    params: wish,
    run: ({ clients, settings }, wanted) => clients.preview(wanted, settings),
  },
  "clients.texts": { params: wish, run: ({ clients, settings }, wanted) => clients.texts(wanted, settings) },
  "clients.apply": {
    params: z.strictObject({ wish, seen: z.string().max(100) }),
    run: ({ clients, settings }, { wish: wanted, seen }) => clients.apply(wanted, seen, settings),
  },
};
