/** Where other computers reach this one. Pure. */
import type { SurroundingsView } from "../control/settings.ts";

export function lanAddresses(surroundings: SurroundingsView | undefined, port: number): string[] {
  return (surroundings?.addresses ?? []).map((address) =>
    address.includes(":") ? `http://[${address}]:${port}` : `http://${address}:${port}`,
  );
}
