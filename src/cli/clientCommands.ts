/**
 * The commands that change files of the person's own after asking, those of clients and of the service manager. They are
 * loaded together: most of what they need is the same.
 */
export { listClients } from "./clients.ts";
export { connectClient, disconnectClient } from "./connectClient.ts";
export { removePortico } from "./removePortico.ts";
export { manageService } from "./service.ts";
export { updateClients } from "./updateClients.ts";
