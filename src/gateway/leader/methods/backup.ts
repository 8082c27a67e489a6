/** Serves the methods about backing up and restoring. */
import * as z from "zod";
import type { BackupMethods } from "../../../control/methods/backup.ts";
import { applyRestore, exportBackup, previewRestore } from "../backup.ts";
import type { Served } from "./served.ts";

const passphrase = z.string().min(1).max(1000);
/** Characters; a message over the control API has a mebibyte. */
const params = z.strictObject({ text: z.string().max(900_000), passphrase: passphrase.exactOptional() });

export const backupMethods: Served<BackupMethods> = {
  "backup.export": {
    params: z.strictObject({ passphrase }),
    run: (services, given) => exportBackup(services, given.passphrase),
  },
  "backup.preview": { params, run: (services, given) => previewRestore(services, given) },
  "backup.apply": { params, run: (services, given) => applyRestore(services, given) },
};
