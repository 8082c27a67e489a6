/** The files of a service, read by what reads them: systemd itself where it is, Python's own parsers for the others. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServiceHost, serviceFile } from "../../../src/cli/serviceFiles.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const STRANGE = ["serve", "--data-dir", '/home/you/50% of "it"/$HOME\\x & <y>/it\'s', "--port", "0"];
const host: ServiceHost = { platform: "linux", env: {}, home: "/home/you", uid: 501 };
const has = (program: string, flag = "--version") => spawnSync(program, [flag]).status === 0;

let folder = "";
beforeAll(() => {
  folder = makeFolder("service");
});
afterAll(() => removeFolder(folder));

describe("a unit of systemd", () => {
  const { path, text, install } = serviceFile(["/usr/bin/node", "/opt/portico/cli.js", ...STRANGE], host);

  it("is the user's own", () => {
    expect(path).toBe("/home/you/.config/systemd/user/portico.service");
    const env = { XDG_CONFIG_HOME: "/conf" };
    expect(serviceFile(["x"], { ...host, env }).path).toBe("/conf/systemd/user/portico.service");
    expect(text).not.toMatch(/^(?:User|Environment)/m);
    expect([...install, text].join("\n")).not.toMatch(/sudo|\/etc\//);
  });

  it("takes every word as it is", () => {
    expect(text).toContain(
      String.raw`ExecStart="/usr/bin/node" "/opt/portico/cli.js" "serve" "--data-dir" "/home/you/50%% of \"it\"/$$HOME\\x & <y>/it's" "--port" "0"`,
    );
    expect(() => serviceFile(["node", "a\nExecStart=b"], host)).toThrow("cannot be part of a service");
  });

  it.skipIf(!has("systemd-analyze"))("holds for systemd (needs systemd-analyze)", () => {
    const verify = (content: string) => {
      const file = join(folder, "portico.service");
      writeFileSync(file, content);
      return spawnSync("systemd-analyze", ["--user", "verify", file], {
        encoding: "utf8",
        env: { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder },
      });
    };
    const real = serviceFile([process.execPath, join(folder, "50% it's"), ...STRANGE], host).text;
    const { status, stderr } = verify(real);
    expect(stderr.split("\n").filter((line) => line.includes("portico.service"))).toEqual([]);
    expect(status).toBe(0);
    // It looks, and knows what is wrong.
    expect(verify(real.replace("TimeoutStopSec", "TimeoutStopSecs")).stderr).toContain("TimeoutStopSecs");
  });
});

describe.skipIf(!has("python3"))("files of other systems (need python3)", () => {
  const python = (script: string, file: string): unknown =>
    JSON.parse(spawnSync("python3", ["-c", script, file], { encoding: "utf8" }).stdout);
  const written = (name: string, text: string): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };

  it("an agent of launchd has every word, and ends as late as requests may", () => {
    const command = ["/usr/local/bin/node", "/opt/portico/cli.js", ...STRANGE];
    const { path, text, install } = serviceFile(command, { ...host, platform: "darwin", home: "/Users/you" });
    expect(path).toBe("/Users/you/Library/LaunchAgents/portico.gateway.plist");
    const script = "import plistlib,sys,json;print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))";
    expect(python(script, written("a.plist", text))).toMatchObject({
      ProgramArguments: command,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ExitTimeOut: 45,
      Umask: 0o77,
    });
    expect(install).toEqual([`launchctl bootstrap gui/501 '${path}'`]);
  });

  it("a task of Windows has every word, quoted as Windows takes them apart", () => {
    const env = { APPDATA: "C:\\Users\\it's you\\AppData\\Roaming", USERDOMAIN: "DESK", USERNAME: "A & B" };
    const command = [
      "C:\\Program Files\\nodejs\\node.exe",
      "C:\\p\\cli.js",
      "serve",
      'a "b" c\\',
      "C:\\x y\\",
    ];
    const file = serviceFile(command, { ...host, platform: "win32", env });
    expect(file.path).toBe(`${env.APPDATA}\\Portico\\portico-task.xml`);
    const script = `import xml.etree.ElementTree as e,sys,json
n={'t':'http://schemas.microsoft.com/windows/2004/02/mit/task'}
r=e.parse(sys.argv[1]).getroot()
print(json.dumps({k:r.find('.//t:'+k,n).text for k in ('UserId','Command','Arguments','ExecutionTimeLimit')}))`;
    expect(python(script, written("task.xml", file.text))).toEqual({
      UserId: "DESK\\A & B",
      Command: command[0],
      Arguments: String.raw`C:\p\cli.js serve "a \"b\" c\\" "C:\x y\\"`,
      ExecutionTimeLimit: "PT0S",
    });
    expect(file.install[0]).toContain("'C:\\Users\\it''s you\\");
  });
});
