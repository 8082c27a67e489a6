/** Whether the proxy is meant to run, kept in the data folder: a reload or another leader restores it. */
import * as z from "zod";
import { readIfThere, writeWhole } from "../dataFolder.ts";

const schema = z.object({ proxy: z.enum(["running", "stopped"]) });
export type Wanted = z.output<typeof schema>["proxy"];

/** @returns `stopped` where nothing, or nothing sensible, was kept. */
export async function readWanted(file: string): Promise<Wanted> {
  const text = await readIfThere(file);
  if (text === undefined) return "stopped";
  try {
    return schema.safeParse(JSON.parse(text)).data?.proxy ?? "stopped";
  } catch {
    return "stopped";
  }
}

export function writeWanted(file: string, proxy: Wanted): Promise<void> {
  return writeWhole(file, `${JSON.stringify({ proxy })}\n`);
}
