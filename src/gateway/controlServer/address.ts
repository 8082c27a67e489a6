/** `gateway.json`: where the leader's control API is, for other windows and the command line. */
import { rm } from "node:fs/promises";
import * as z from "zod";
import { readJsonIfThere, writeWhole } from "../common/dataFolder.ts";

const addressSchema = z.object({
  pid: z.int().positive(),
  version: z.string().max(100),
  /** Always this computer: nobody is sent elsewhere with the token. */
  address: z.string().regex(/^ws:\/\/127\.0\.0\.1:\d{1,5}$/),
  token: z.string().min(32).max(200),
});

export type ControlAddress = z.output<typeof addressSchema>;

/** Mode 0600: who can read it can steer the gateway. */
export function writeAddress(file: string, address: ControlAddress): Promise<void> {
  return writeWhole(file, `${JSON.stringify(address, undefined, 2)}\n`);
}

/** @returns `undefined` where there is none, or none that makes sense. */
export async function readAddress(file: string): Promise<ControlAddress | undefined> {
  return addressSchema.safeParse(await readJsonIfThere(file)).data;
}

/** Only one's own: another gateway may have put its address there. @throws where it cannot be removed */
export async function removeAddress(file: string, { token }: Pick<ControlAddress, "token">): Promise<void> {
  if ((await readAddress(file))?.token === token) await rm(file, { force: true });
}
