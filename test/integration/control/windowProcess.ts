/** A window in a process of its own: prints its part and the address of the proxy whenever they change. */
import { openWindow } from "./windows.ts";

const [dataDir = ""] = process.argv.slice(2);
const window = openWindow({ dataDir });
let said = "";
await window.until(({ part, status }) => {
  const base = status?.proxy.kind === "running" ? status.proxy.baseUrl : status?.proxy.kind;
  const line = `${part.kind} ${base}\n`;
  if (line !== said) process.stdout.write(line);
  said = line;
  return false;
});
