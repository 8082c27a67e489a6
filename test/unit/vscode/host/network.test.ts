import { describe, expect, it, vi } from "vitest";
import type { WindowNetwork } from "../../../../src/control/window.ts";
import { windowNetwork } from "../../../../src/gateway/worker/network.ts";

const plain: WindowNetwork = { proxySupport: true, noProxy: [], strictTls: true, systemCertificates: true };
const settingsOf = (over: Partial<WindowNetwork>, env: Record<string, string> = {}) =>
  windowNetwork({ ...plain, ...over }, env).current();

describe("the network of a window", () => {
  it("is direct when nothing says otherwise", () => {
    expect(settingsOf({})).toEqual({ noProxy: [], strictTls: true, systemCertificates: true });
  });

  it("prefers VS Code's proxy to the environment's", () => {
    const env = { https_proxy: "http://env:1", HTTPS_PROXY: "http://env:2", HTTP_PROXY: "http://env:3" };
    expect(settingsOf({ proxy: "http://code:1" }, env).proxy).toBe("http://code:1");
    expect(settingsOf({}, env).proxy).toBe("http://env:1");
  });

  it("takes credentials from http.proxyAuthorization, else from the proxy's URL", () => {
    const proxy = "http://me:pa%20ss@code:1";
    expect(settingsOf({ proxy })).toMatchObject({
      proxy: "http://code:1",
      proxyAuthorization: `Basic ${Buffer.from("me:pa ss").toString("base64")}`,
    });
    expect(settingsOf({ proxy, proxyAuthorization: "Bearer x" }).proxyAuthorization).toBe("Bearer x");
  });

  it("uses none with http.proxySupport off, and sends no credentials then", () => {
    const env = { HTTPS_PROXY: "http://env:2" };
    const settings = settingsOf(
      { proxySupport: false, proxy: "http://code:1", proxyAuthorization: "x" },
      env,
    );
    expect(settings).not.toHaveProperty("proxy");
    expect(settings).not.toHaveProperty("proxyAuthorization");
  });

  it("prefers http.noProxy to NO_PROXY", () => {
    const env = { no_proxy: "env.example", NO_PROXY: "env.example" };
    expect(settingsOf({}, env).noProxy).toContain("env.example");
    const { noProxy } = settingsOf({ noProxy: ["*.code.example", "10.0.0.1"] }, env);
    expect(noProxy).not.toContain("env.example");
    expect(noProxy).toEqual(expect.arrayContaining(["*.code.example", "10.0.0.1"]));
  });

  it("verifies certificates unless either says not to", () => {
    expect(settingsOf({ strictTls: false }).strictTls).toBe(false);
    expect(settingsOf({}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }).strictTls).toBe(false);
    expect(settingsOf({ systemCertificates: false }).systemCertificates).toBe(false);
  });

  it("tells of real changes only, until nobody listens", () => {
    const network = windowNetwork(plain, {});
    const listener = vi.fn();
    const stop = network.onChange(listener);
    network.update({ ...plain });
    expect(listener).not.toHaveBeenCalled();
    network.update({ ...plain, proxy: "http://code:1" });
    expect(listener).toHaveBeenCalledOnce();
    expect(network.current().proxy).toBe("http://code:1");
    stop();
    network.update(plain);
    expect(listener).toHaveBeenCalledOnce();
  });

  it("tells a proxy script from a proxy, and from none at all", () => {
    const pac = "http://wpad.corp.example/proxy.pac";
    expect(settingsOf({ proxy: pac }).unproxied).toEqual({ script: '"http.proxy"' });
    expect(settingsOf({}, { https_proxy: pac }).unproxied).toEqual({ script: "https_proxy" });
    expect(settingsOf({ proxy: "http://code:1" }, { https_proxy: pac })).not.toHaveProperty("unproxied");
    expect(settingsOf({ proxySupport: false }, { https_proxy: pac }).unproxied).toBe("none");
  });

  it("names a proxy that it cannot follow", () => {
    expect(windowNetwork({ ...plain, proxy: "socks4://code:1" }, {}).warnings.join()).toMatch(/socks4/);
    expect(settingsOf({ proxy: "socks5://code:1" }).proxy).toBe("socks5://code:1");
  });
});
