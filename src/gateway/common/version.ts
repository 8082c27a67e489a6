/** Our own name and version, as `package.json` has them: esbuild puts the version in. */
declare const __PORTICO_VERSION__: string | undefined;

export const VERSION: string = typeof __PORTICO_VERSION__ === "string" ? __PORTICO_VERSION__ : "0.0.0-dev";

/** What providers see of us: our own name, never a client's. */
export const USER_AGENT = `Portico/${VERSION}`;
