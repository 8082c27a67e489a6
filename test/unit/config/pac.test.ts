import { describe, expect, it } from "vitest";
import { isPac, type SystemSources, systemPac } from "../../../src/gateway/config/pac.ts";

const nothing: SystemSources = {
  platform: "linux",
  run: () => Promise.resolve(undefined),
  read: () => Promise.resolve(undefined),
};
const asking = (platform: NodeJS.Platform, program: string, says: string) =>
  systemPac({
    ...nothing,
    platform,
    run: (asked) => Promise.resolve(asked === program ? says : undefined),
  });

const SCUTIL = (on: 0 | 1) => `<dictionary> {
  HTTPEnable : 0
  ProxyAutoConfigEnable : ${on}
  ProxyAutoConfigURLString : http://wpad/proxy.pac
  ProxyAutoDiscoveryEnable : 0
}`;
const REG = `
HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings
    AutoConfigURL    REG_SZ    http://wpad/proxy.pac
`;

describe("proxy scripts", () => {
  it.each([
    ["http://wpad/proxy.pac", true],
    ["http://wpad/PROXY.PAC?a=b", true],
    ["file:///etc/proxy.pac", true],
    ["pac+http://wpad/any", true],
    ["http://wpad/wpad.dat", true],
    ["data:application/x-ns-proxy-autoconfig;base64,AA==", true],
    ["http://host.pac.example:3128", false],
    ["http://proxy:3128", false],
    ["proxy:3128", false],
  ])("%s: %s", (value, is) => {
    expect(isPac(value)).toBe(is);
  });

  it("are seen where the system keeps them", async () => {
    expect(await asking("darwin", "scutil", SCUTIL(1))).toBe("macOS");
    expect(await asking("darwin", "scutil", SCUTIL(0))).toBeUndefined();
    expect(await asking("win32", "reg", REG)).toBe("Windows");
    expect(await asking("win32", "reg", "ERROR: not found")).toBeUndefined();
    expect(await asking("linux", "gsettings", "'auto'\n")).toBe("GNOME");
    expect(await asking("linux", "gsettings", "'manual'\n")).toBeUndefined();
    const kde = (type: number) => ({ ...nothing, read: async () => `[Proxy Settings]\nProxyType=${type}\n` });
    expect(await systemPac(kde(2))).toBe("KDE");
    expect(await systemPac(kde(1))).toBeUndefined();
  });

  it("are none where nothing can be asked", async () => {
    for (const platform of ["darwin", "win32", "linux", "freebsd"] as const) {
      expect(await systemPac({ ...nothing, platform })).toBeUndefined();
    }
  });

  it("are looked for on this very computer without a failure", async () => {
    expect(["macOS", "Windows", "GNOME", "KDE", undefined]).toContain(await systemPac());
  });
});
