/** The commands about clients that are connected, which are loaded together: most of what they need is the same. */
export { listClients } from "./clients.ts";
export { connectClient, disconnectClient } from "./connectClient.ts";
export { updateClients } from "./updateClients.ts";
