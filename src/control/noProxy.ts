/** What must not go through a proxy: many programs send even this computer's own address there. Pure. */

export const LOCAL_HOSTS = ["127.0.0.1", "localhost"];

/** The value of `NO_PROXY` with these hosts, too. */
export function mergedHosts(there: string | undefined, hosts: readonly string[]): string {
  const listed = (there ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  return [...new Set([...listed, ...hosts])].join(",");
}
