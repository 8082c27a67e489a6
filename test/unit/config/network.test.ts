import { describe, expect, it } from "vitest";
import { networkFromEnvironment } from "../../../src/gateway/config/network.ts";

const read = (env: Record<string, string>) => networkFromEnvironment(env).network.current();

describe("networkFromEnvironment", () => {
  it("is direct and strict by default", () => {
    expect(read({})).toEqual({ noProxy: [], strictTls: true, systemCertificates: true });
  });

  it.each([
    [{ HTTPS_PROXY: "http://p:3128" }, "http://p:3128"],
    [{ https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:1" }, "http://lower:1"],
    [{ HTTP_PROXY: "http://h:1", HTTPS_PROXY: "http://s:1" }, "http://s:1"],
    [{ HTTP_PROXY: "http://h:1" }, "http://h:1"],
    [{ ALL_PROXY: "https://a:1", HTTPS_PROXY: " " }, "https://a:1"],
    [{ HTTPS_PROXY: "proxy.local:8080" }, "http://proxy.local:8080"],
    [{ HTTPS_PROXY: "http://p:3128/path?x" }, "http://p:3128"],
    [{ HTTPS_PROXY: "socks4://s:1080", HTTP_PROXY: "http://h:1" }, "http://h:1"],
    [{ HTTPS_PROXY: "socks5://s:1080", HTTP_PROXY: "http://h:1" }, "socks5://s:1080"],
    [{ ALL_PROXY: "socks5h://[::1]:1080/" }, "socks5h://[::1]:1080"],
    [{ ALL_PROXY: "socks://s:1" }, "socks://s:1"],
    [{ ALL_PROXY: "socks5://" }, undefined],
    [{ HTTPS_PROXY: "http://a b" }, undefined],
  ])("%j -> %s", (env, proxy) => {
    expect(read(env as Record<string, string>).proxy).toBe(proxy);
  });

  it("takes credentials out of the URL and gives them to the log's redaction", () => {
    const { network, secrets, warnings } = networkFromEnvironment({ HTTPS_PROXY: "http://me:p%40ss@p:1" });
    expect(network.current().proxy).toBe("http://p:1");
    expect(network.current().proxyAuthorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    expect(secrets).toEqual([Buffer.from("me:p@ss").toString("base64")]);
    expect(warnings).toEqual([]);
    expect(read({ HTTPS_PROXY: "http://me:100%@p:1" }).proxyAuthorization).toBe(
      `Basic ${Buffer.from("me:100%").toString("base64")}`,
    );
  });

  it("takes those of a SOCKS proxy likewise", () => {
    const { network, secrets } = networkFromEnvironment({ ALL_PROXY: "socks5://me:p%40ss@p:1080" });
    expect(network.current().proxy).toBe("socks5://p:1080");
    expect(network.current().proxyAuthorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    expect(secrets).toEqual([Buffer.from("me:p@ss").toString("base64")]);
  });

  it.each([
    [{ HTTPS_PROXY: "http://wpad/proxy.pac" }, "HTTPS_PROXY"],
    [{ http_proxy: "pac+https://corp.example/p" }, "http_proxy"],
    [{ auto_proxy: "http://corp.example/any" }, "auto_proxy"],
    [{ ALL_PROXY: "http://corp.example/wpad.dat?x" }, "ALL_PROXY"],
  ])("does not take a proxy script for a proxy: %j", (env, script) => {
    const { network } = networkFromEnvironment(env);
    expect(network.current()).toMatchObject({ unproxied: { script } });
    expect(network.current().proxy).toBeUndefined();
  });

  it("uses a proxy that is there beside a script", () => {
    const env = { HTTPS_PROXY: "http://wpad/proxy.pac", HTTP_PROXY: "http://h.pac.example:1" };
    expect(read(env)).not.toHaveProperty("unproxied");
    expect(read(env).proxy).toBe("http://h.pac.example:1");
    expect(networkFromEnvironment(env).warnings).toEqual([
      "HTTPS_PROXY is ignored: it names a proxy script (PAC), and those are not run",
    ]);
  });

  it("warns about what it cannot follow, without the value", () => {
    const { warnings } = networkFromEnvironment({
      HTTPS_PROXY: "socks4://me:secret@s:1",
      http_proxy: "http://me:secret@:x",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    });
    expect(warnings).toHaveLength(3);
    expect(warnings.join()).toContain("socks4:");
    expect(warnings.join()).toContain("http_proxy");
    expect(warnings.join()).not.toContain("secret");
  });

  it("reads exceptions, split by commas or spaces", () => {
    const { network, warnings } = networkFromEnvironment({
      NO_PROXY: "localhost, .corp.example  *.x.org host:80,10.0.0.0/8,*",
    });
    expect(network.current().noProxy).toEqual(["localhost", ".corp.example", "*.x.org", "host:80", "*"]);
    expect(warnings).toEqual(["NO_PROXY: address ranges are not supported: 10.0.0.0/8"]);
  });

  it("bounds the exceptions", () => {
    const { network, warnings } = networkFromEnvironment({ NO_PROXY: ".a,".repeat(5000) });
    expect(network.current().noProxy).toHaveLength(1000);
    expect(warnings[0]).toContain("5000");
  });
});
