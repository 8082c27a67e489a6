/** The environment of a person who has nothing outside of one folder, on whatever system. */
import { join } from "node:path";

export const homeEnvironment = (home: string): NodeJS.ProcessEnv => ({
  HOME: home,
  USERPROFILE: home,
  APPDATA: join(home, "AppData"),
  LOCALAPPDATA: join(home, "AppData"),
  XDG_CONFIG_HOME: join(home, ".config"),
  XDG_RUNTIME_DIR: join(home, "run"),
  PORTICO_DATA_DIR: join(home, "data"),
});
