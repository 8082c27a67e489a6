import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import {
  type GuardInput,
  type GuardPolicy,
  type GuardVerdict,
  guard,
} from "../../../../src/gateway/server/guard/guard.ts";
import fc from "../../../support/property.ts";

const KEY = "sk-portico-0123456789abcdef";
const base: GuardPolicy = {
  authMode: "off",
  apiKey: KEY,
  allowLanAccess: false,
  allowedOrigins: [],
  allowedHosts: [],
};

type RawHeaders = readonly (readonly [name: string, value: string])[];
interface Case {
  name: string;
  policy?: Partial<GuardPolicy>;
  peer?: string | undefined;
  local?: string;
  port?: number;
  method?: string;
  health?: boolean;
  upgrade?: boolean;
  key?: string;
  /** `null`: no Host at all. */
  host?: string | null;
  headers?: RawHeaders;
  expect: 400 | 401 | 403 | 503 | "local" | "remote" | "preflight";
  /** What the message has to name, or the CORS origin of a passed request. */
  says?: string;
  cors?: string;
}

/** As Node does it: single-valued names keep the first, the others are joined. */
function parse(headers: RawHeaders): IncomingHttpHeaders {
  const parsed: Record<string, string> = {};
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = parsed[lower];
    if (before === undefined) parsed[lower] = value;
    else if (lower !== "host" && lower !== "authorization") parsed[lower] = `${before}, ${value}`;
  }
  return parsed;
}

function run(test: Omit<Case, "name" | "expect">): GuardVerdict {
  const host = test.host === undefined ? "127.0.0.1:8045" : test.host;
  const headers: RawHeaders = [...(host === null ? [] : [["Host", host] as const]), ...(test.headers ?? [])];
  const input: GuardInput = {
    peerAddress: "peer" in test ? test.peer : "127.0.0.1",
    localAddress: test.local ?? "127.0.0.1",
    localPort: test.port ?? 8045,
    method: test.method ?? "POST",
    health: test.health ?? false,
    headers: parse(headers),
    rawHeaders: headers.flat(),
    upgrade: test.upgrade ?? false,
    queryKey: test.key,
    policy: { ...base, ...test.policy },
  };
  return guard(input);
}

const lan = { allowLanAccess: true } as const;
const strict = { authMode: "strict" } as const;
const bearer: RawHeaders = [["Authorization", `Bearer ${KEY}`]];
const app = "https://app.example.com";
const listed = { allowedOrigins: [app, "vscode-webview://*", "tauri://localhost"] };
const ask = ["Access-Control-Request-Method", "POST"] as const;
const sites = (value: string): RawHeaders => [["Sec-Fetch-Site", value]];
const origin = (value: string): RawHeaders => [["Origin", value]];

const cases: Case[] = [
  // 1: local and remote
  { name: "a local client with nothing special", expect: "local" },
  { name: "IPv6 loopback", peer: "::1", local: "::1", host: "[::1]:8045", expect: "local" },
  { name: "IPv4-mapped loopback", peer: "::ffff:127.0.0.1", local: "::ffff:127.0.0.1", expect: "local" },
  { name: "IPv4-mapped loopback in hex", peer: "::ffff:7f00:1", expect: "local" },
  { name: "another 127/8 address", peer: "127.8.9.10", expect: "local" },
  { name: "a LAN peer without LAN access", peer: "192.168.1.7", expect: 403, says: "allowLanAccess" },
  {
    name: "a mapped LAN peer without LAN access",
    peer: "::ffff:192.168.1.7",
    expect: 403,
    says: "allowLanAccess",
  },
  { name: "a LAN peer with the key but no LAN access", peer: "192.168.1.7", headers: bearer, expect: 403 },
  { name: "health for a LAN peer without LAN access", peer: "10.0.0.9", health: true, expect: 403 },
  { name: "a peer like loopback: 128.0.0.1", peer: "128.0.0.1", expect: 403 },
  { name: "a peer like loopback: 1270.0.0.1", peer: "1270.0.0.1", expect: 403 },
  { name: "a peer like loopback: ::127.0.0.1", peer: "::127.0.0.1", expect: 403 },
  { name: "NAT64 of loopback", peer: "64:ff9b::7f00:1", expect: 403 },
  { name: "a closed socket has no peer", peer: undefined, expect: 403 },
  {
    name: "a LAN peer without key in mode off",
    policy: lan,
    peer: "192.168.1.7",
    expect: 401,
    says: "another computer",
  },
  { name: "a LAN peer with the key", policy: lan, peer: "192.168.1.7", headers: bearer, expect: "remote" },
  {
    name: "a LAN peer with a wrong key",
    policy: lan,
    peer: "192.168.1.7",
    headers: [["x-api-key", "nope"]],
    expect: 401,
    says: "not Portico's own",
  },
  {
    name: "health for a LAN peer in mode off",
    policy: lan,
    peer: "192.168.1.7",
    health: true,
    expect: "remote",
  },
  {
    name: "health for a LAN peer in mode all_except_health",
    policy: { ...lan, authMode: "all_except_health" },
    peer: "10.1.1.1",
    health: true,
    expect: "remote",
  },
  {
    name: "health for a LAN peer in mode strict",
    policy: { ...lan, ...strict },
    peer: "192.168.1.7",
    health: true,
    expect: 401,
  },
  {
    name: "auto asks a LAN peer for the key",
    policy: { ...lan, authMode: "auto" },
    peer: "192.168.1.7",
    expect: 401,
  },
  {
    name: "X-Forwarded-For makes remote",
    headers: [["X-Forwarded-For", "127.0.0.1"]],
    expect: 401,
    says: "x-forwarded-for",
  },
  { name: "x-forwarded-for in lower case", headers: [["x-forwarded-for", "1.2.3.4"]], expect: 401 },
  { name: "X-FORWARDED-PROTO in upper case", headers: [["X-FORWARDED-PROTO", "https"]], expect: 401 },
  { name: "X_Forwarded_For with underscores", headers: [["X_Forwarded_For", "1.2.3.4"]], expect: 401 },
  { name: "an empty X-Forwarded-Host", headers: [["X-Forwarded-Host", ""]], expect: 401 },
  { name: "Forwarded", headers: [["Forwarded", "for=127.0.0.1"]], expect: 401, says: "forwarded" },
  { name: "X-Real-IP", headers: [["X-Real-IP", "127.0.0.1"]], expect: 401, says: "x-real-ip" },
  { name: "forwarded with the key", headers: [["X-Forwarded-For", "1.2.3.4"], ...bearer], expect: "remote" },
  { name: "forwarded health in mode off", headers: [["Forwarded", "for=x"]], health: true, expect: "remote" },
  {
    name: "forwarded health in mode strict",
    policy: strict,
    headers: [["Forwarded", "for=x"]],
    health: true,
    expect: 401,
  },

  // 2: modes and keys
  { name: "off ignores a wrong key", headers: [["Authorization", "Bearer sk-other"]], expect: "local" },
  { name: "auto is open for local peers", policy: { authMode: "auto" }, expect: "local" },
  {
    name: "all_except_health asks for the key",
    policy: { authMode: "all_except_health" },
    expect: 401,
    says: "all_except_health",
  },
  {
    name: "all_except_health leaves health open",
    policy: { authMode: "all_except_health" },
    health: true,
    expect: "local",
  },
  { name: "strict asks for the key", policy: strict, expect: 401, says: "auth.mode is strict" },
  { name: "strict asks for the key on health", policy: strict, health: true, expect: 401 },
  {
    name: "a key that cannot be read now is nobody's fault",
    policy: { ...strict, apiKey: undefined, keyFailure: "Unlock the keyring." },
    headers: bearer,
    expect: 503,
    says: "Unlock the keyring.",
  },
  {
    name: "a key that cannot be read now is not missed where none is asked for",
    policy: { apiKey: undefined, keyFailure: "Unlock the keyring." },
    expect: "local",
  },
  { name: "key as Bearer", policy: strict, headers: bearer, expect: "local" },
  {
    name: "key as bearer in lower case",
    policy: strict,
    headers: [["authorization", `bearer ${KEY}`]],
    expect: "local",
  },
  { name: "key as x-api-key", policy: strict, headers: [["X-Api-Key", KEY]], expect: "local" },
  { name: "key as x-goog-api-key", policy: strict, headers: [["x-goog-api-key", KEY]], expect: "local" },
  { name: "key as ?key=", policy: strict, key: KEY, expect: "local" },
  {
    name: "one right key among wrong ones",
    policy: strict,
    headers: [
      ["Authorization", "Bearer other"],
      ["x-api-key", KEY],
    ],
    expect: "local",
  },
  { name: "the key in Basic", policy: strict, headers: [["Authorization", `Basic ${KEY}`]], expect: 401 },
  { name: "the key without a scheme", policy: strict, headers: [["Authorization", KEY]], expect: 401 },
  { name: "a prefix of the key", policy: strict, headers: [["x-api-key", KEY.slice(0, -1)]], expect: 401 },
  { name: "the key and more", policy: strict, headers: [["x-api-key", `${KEY}x`]], expect: 401 },
  {
    name: "the key in another case",
    policy: strict,
    headers: [["x-api-key", KEY.toUpperCase()]],
    expect: 401,
  },
  {
    name: "an empty key",
    policy: strict,
    headers: [["x-api-key", ""]],
    key: "",
    expect: 401,
    says: "missing",
  },
  {
    name: "an empty key when none is set",
    policy: { ...strict, apiKey: "" },
    headers: [["x-api-key", ""]],
    key: "",
    expect: 401,
  },
  {
    name: "any key when none is set",
    policy: { ...strict, apiKey: undefined },
    headers: [["x-api-key", "undefined"]],
    expect: 401,
  },
  { name: "an upgrade needs the key as well", policy: strict, upgrade: true, method: "GET", expect: 401 },

  // 3: Host
  { name: "Host localhost", host: "localhost", expect: "local" },
  { name: "Host localhost with a port", host: "localhost:8045", expect: "local" },
  { name: "Host in upper case", host: "LOCALHOST:8045", expect: "local" },
  { name: "Host with a forwarded port", host: "localhost:9999", expect: "local" },
  { name: "Host 127.9.9.9", host: "127.9.9.9", expect: "local" },
  { name: "Host [::1] written out", host: "[0:0:0:0:0:0:0:1]:8045", expect: "local" },
  { name: "a foreign Host (DNS rebinding)", host: "evil.example:8045", expect: 403, says: "evil.example" },
  { name: "a foreign Host on health", host: "evil.example", health: true, expect: 403 },
  { name: "a foreign Host with the key", host: "evil.example", headers: bearer, expect: 403 },
  { name: "localhost.evil.com", host: "localhost.evil.com", expect: 403 },
  { name: "evil-localhost", host: "evil-localhost", expect: 403 },
  { name: "sub.localhost", host: "sub.localhost", expect: 403 },
  { name: "127.0.0.1.nip.io", host: "127.0.0.1.nip.io:8045", expect: 403 },
  { name: "localhost with a trailing dot", host: "localhost.:8045", expect: 403 },
  { name: "127.0.0.1 with a trailing dot", host: "127.0.0.1.", expect: 403 },
  { name: "userinfo before a good Host", host: "evil.com@localhost:8045", expect: 400 },
  { name: "userinfo that looks good", host: "localhost:8045@evil.com", expect: 400 },
  { name: "two names in one Host", host: "localhost, evil.com", expect: 400 },
  { name: "a path in Host", host: "localhost/evil", expect: 400 },
  { name: "an encoded Host", host: "localhost%2eevil.com", expect: 400 },
  { name: "a zone in Host", host: "[::1%25lo]", expect: 400 },
  { name: "[::ffff:127.0.0.1]", host: "[::ffff:127.0.0.1]:8045", expect: 403 },
  { name: "[::]", host: "[::]:8045", expect: 403 },
  { name: "0.0.0.0", host: "0.0.0.0:8045", expect: 403 },
  { name: "a decimal IP", host: "2130706433", expect: 403 },
  { name: "a hexadecimal IP", host: "0x7f000001:8045", expect: 403 },
  { name: "a short IP", host: "127.1", expect: 403 },
  { name: "an octal IP", host: "0177.0.0.1", expect: 403 },
  { name: "a leading zero in 127/8", host: "127.0.0.01", expect: 403 },
  { name: "an empty Host", host: "", expect: 400 },
  { name: "no Host (HTTP/1.0)", host: null, expect: 400, says: "no Host header" },
  { name: "two Host headers", headers: [["host", "evil.com"]], expect: 400, says: "several Host" },
  { name: "two equal Host headers", headers: [["HOST", "127.0.0.1:8045"]], expect: 400 },
  { name: "port 0", host: "localhost:0", expect: 400 },
  { name: "port 99999", host: "localhost:99999", expect: 400 },
  { name: "a port that is no number", host: "localhost:80a", expect: 400 },
  { name: "a colon without a port", host: "localhost:", expect: 400 },
  {
    name: "the socket's own address without LAN access",
    host: "192.168.1.5:8045",
    local: "192.168.1.5",
    expect: 403,
  },
  {
    name: "the socket's own address with LAN access",
    policy: lan,
    peer: "192.168.1.7",
    local: "192.168.1.5",
    host: "192.168.1.5:8045",
    headers: bearer,
    expect: "remote",
  },
  {
    name: "the same, mapped",
    policy: lan,
    peer: "::ffff:192.168.1.7",
    local: "::ffff:192.168.1.5",
    host: "192.168.1.5",
    headers: bearer,
    expect: "remote",
  },
  {
    name: "the socket's own IPv6 address",
    policy: lan,
    peer: "fe80::2%eth0",
    local: "fe80::1%eth0",
    host: "[fe80::1]:8045",
    headers: bearer,
    expect: "remote",
  },
  {
    name: "another address of the LAN",
    policy: lan,
    peer: "192.168.1.7",
    local: "192.168.1.5",
    host: "192.168.1.6",
    headers: bearer,
    expect: 403,
    says: "allowedHosts",
  },
  {
    name: "an allowed Host with LAN access",
    policy: { ...lan, allowedHosts: ["My-Box.local"] },
    host: "my-box.local:8045",
    expect: "local",
  },
  {
    name: "an allowed Host without LAN access",
    policy: { allowedHosts: ["my-box.local"] },
    host: "my-box.local",
    expect: 403,
    says: "allowLanAccess",
  },
  {
    name: "an allowed Host with a dot more",
    policy: { ...lan, allowedHosts: ["my-box.local"] },
    host: "my-box.local.",
    expect: 403,
  },
  {
    name: "an allowed Host as a suffix",
    policy: { ...lan, allowedHosts: ["my-box.local"] },
    host: "evil-my-box.local",
    expect: 403,
  },
  {
    name: "an allowed Host bound to a port",
    policy: { ...lan, allowedHosts: ["my-box.local:8045"] },
    host: "my-box.local:81",
    expect: 403,
  },
  {
    name: "an allowed IPv6 Host",
    policy: { ...lan, allowedHosts: ["fd00::1"] },
    host: "[FD00:0::1]",
    expect: "local",
  },
  {
    name: "a star on allowedHosts is no wildcard",
    policy: { ...lan, allowedHosts: ["*"] },
    host: "evil.com",
    expect: 403,
  },

  // 4: Origin
  { name: "our own origin", headers: origin("http://127.0.0.1:8045"), expect: "local" },
  {
    name: "our own origin by name",
    host: "localhost:8045",
    headers: origin("http://localhost:8045"),
    expect: "local",
  },
  {
    name: "our own origin on [::1]",
    peer: "::1",
    host: "[::1]:8045",
    headers: origin("http://[::1]:8045"),
    expect: "local",
  },
  {
    name: "our own origin on port 80",
    host: "localhost",
    port: 80,
    headers: origin("http://localhost"),
    expect: "local",
  },
  { name: "our own origin with another scheme", headers: origin("https://127.0.0.1:8045"), expect: 403 },
  {
    name: "another port of localhost",
    host: "localhost:8045",
    headers: origin("http://localhost:3000"),
    expect: 403,
    says: "http://localhost:3000",
  },
  {
    name: "another port of localhost that Host repeats",
    host: "localhost:3000",
    headers: origin("http://localhost:3000"),
    expect: 403,
  },
  { name: "localhost's origin at 127.0.0.1", headers: origin("http://localhost:8045"), expect: 403 },
  { name: "an origin that begins like ours", headers: origin("http://127.0.0.1:80450"), expect: 403 },
  {
    name: "an origin that begins like ours with a name",
    headers: origin("http://127.0.0.1:8045.evil.com"),
    expect: 403,
  },
  { name: "userinfo in Origin", headers: origin("http://127.0.0.1:8045@evil.com"), expect: 403 },
  { name: "a foreign origin", headers: origin("https://evil.example"), expect: 403, says: "allowedOrigins" },
  {
    name: "a foreign origin with the key",
    headers: [...origin("https://evil.example"), ...bearer],
    expect: 403,
  },
  { name: "a foreign origin on health", headers: origin("https://evil.example"), health: true, expect: 403 },
  { name: "Origin null", headers: origin("null"), expect: 403, says: "cannot be allowed" },
  {
    name: "Origin null even when listed",
    policy: { allowedOrigins: ["null"] },
    headers: origin("null"),
    expect: 403,
  },
  { name: "an empty Origin", headers: origin(""), expect: 403 },
  {
    name: "two Origin headers",
    policy: listed,
    headers: [
      ["Origin", app],
      ["origin", "https://evil.example"],
    ],
    expect: 400,
  },
  {
    name: "two origins in one header",
    policy: listed,
    headers: origin(`${app} https://evil.example`),
    expect: 403,
  },
  { name: "a listed origin", policy: listed, headers: origin(app), expect: "local", cors: app },
  {
    name: "a listed origin in another case",
    policy: { allowedOrigins: ["HTTPS://App.Example.com:443"] },
    headers: origin(app),
    expect: "local",
    cors: app,
  },
  { name: "a listed origin with another port", policy: listed, headers: origin(`${app}:8443`), expect: 403 },
  {
    name: "a listed origin with http",
    policy: listed,
    headers: origin("http://app.example.com"),
    expect: 403,
  },
  { name: "a listed origin as a prefix", policy: listed, headers: origin(`${app}.evil.com`), expect: 403 },
  {
    name: "a listed origin as a suffix",
    policy: listed,
    headers: origin("https://evil-app.example.com"),
    expect: 403,
  },
  {
    name: "a webview on the list",
    policy: listed,
    headers: [...origin("vscode-webview://0abc"), ...sites("cross-site")],
    expect: "local",
    cors: "vscode-webview://0abc",
  },
  {
    name: "tauri on the list",
    policy: listed,
    headers: origin("tauri://localhost"),
    expect: "local",
    cors: "tauri://localhost",
  },
  { name: "another tauri app", policy: listed, headers: origin("tauri://other"), expect: 403 },
  { name: "a webview that is not on the list", headers: origin("vscode-webview://0abc"), expect: 403 },
  {
    name: "a wildcard does not reach another scheme",
    policy: listed,
    headers: origin("xvscode-webview://a"),
    expect: 403,
  },
  {
    name: "a wildcard does not reach a path",
    policy: listed,
    headers: origin("vscode-webview://a/b"),
    expect: 403,
  },
  {
    name: "a web wildcard matches nothing",
    policy: { allowedOrigins: ["https://*", "http://*.example.com"] },
    headers: origin(app),
    expect: 403,
  },
  {
    name: "a wildcard scheme matches nothing",
    policy: { allowedOrigins: ["*://*", "*", "h*://app.example.com"] },
    headers: origin(app),
    expect: 403,
  },
  {
    name: "a listed origin still needs the key in strict",
    policy: { ...listed, ...strict },
    headers: origin(app),
    expect: 401,
    cors: app,
  },
  {
    name: "a preflight of a listed origin",
    policy: { ...listed, ...strict },
    method: "OPTIONS",
    headers: [...origin(app), ask],
    expect: "preflight",
    cors: app,
  },
  {
    name: "a preflight of a foreign origin",
    policy: listed,
    method: "OPTIONS",
    headers: [...origin("https://evil.example"), ask],
    expect: 403,
  },
  {
    name: "a preflight with a foreign Host",
    policy: listed,
    host: "evil.example",
    method: "OPTIONS",
    headers: [...origin(app), ask],
    expect: 403,
  },
  {
    name: "OPTIONS that is no preflight needs the key",
    policy: { ...listed, ...strict },
    method: "OPTIONS",
    headers: origin(app),
    expect: 401,
    cors: app,
  },
  {
    name: "an upgrade is no preflight",
    policy: { ...listed, ...strict },
    method: "OPTIONS",
    upgrade: true,
    headers: [...origin(app), ask],
    expect: 401,
    cors: app,
  },
  {
    name: "a LAN preflight of a listed origin",
    policy: { ...listed, ...lan },
    peer: "10.0.0.2",
    local: "10.0.0.1",
    host: "10.0.0.1:8045",
    method: "OPTIONS",
    headers: [...origin(app), ask],
    expect: "preflight",
    cors: app,
  },

  // 5: Sec-Fetch-Site and cookies
  { name: "Sec-Fetch-Site none", headers: sites("none"), expect: "local" },
  { name: "Sec-Fetch-Site same-origin", headers: sites("same-origin"), expect: "local" },
  {
    name: "Sec-Fetch-Site cross-site",
    headers: sites("cross-site"),
    expect: 403,
    says: "Sec-Fetch-Site: cross-site",
  },
  { name: "Sec-Fetch-Site same-site (another port of localhost)", headers: sites("same-site"), expect: 403 },
  { name: "Sec-Fetch-Site that is unknown", headers: sites("whatever"), expect: 403 },
  { name: "an empty Sec-Fetch-Site", headers: sites(""), expect: 403 },
  { name: "two Sec-Fetch-Site headers", headers: [...sites("none"), ...sites("cross-site")], expect: 403 },
  {
    name: "cross-site with our own origin",
    headers: [...origin("http://127.0.0.1:8045"), ...sites("cross-site")],
    expect: 403,
  },
  {
    name: "cross-site with a listed origin",
    policy: listed,
    headers: [...origin(app), ...sites("cross-site")],
    expect: "local",
    cors: app,
  },
  { name: "Sec-Fetch-Mode alone (Node clients)", headers: [["Sec-Fetch-Mode", "cors"]], expect: "local" },
  {
    name: "cross-site GET on health",
    health: true,
    method: "GET",
    headers: sites("cross-site"),
    expect: 403,
  },
  { name: "a WebSocket of a command-line client", upgrade: true, method: "GET", expect: "local" },
  {
    name: "a WebSocket with a cookie and no origin",
    upgrade: true,
    method: "GET",
    headers: [["Cookie", "a=b"]],
    expect: 403,
    says: "cookie",
  },
  {
    name: "a WebSocket with a cookie and our origin",
    upgrade: true,
    method: "GET",
    headers: [["Cookie", "a=b"], ...origin("http://127.0.0.1:8045")],
    expect: "local",
  },
  {
    name: "a WebSocket with a cookie and a listed origin",
    policy: listed,
    upgrade: true,
    method: "GET",
    headers: [["Cookie", "a=b"], ...origin(app)],
    expect: 403,
  },
  {
    name: "a WebSocket with a foreign origin",
    upgrade: true,
    method: "GET",
    headers: origin("http://localhost:3000"),
    expect: 403,
  },
  {
    name: "a WebSocket with a cookie and the key",
    upgrade: true,
    method: "GET",
    headers: [["cookie", ""], ...bearer],
    expect: 403,
  },
  { name: "a request with a cookie", headers: [["Cookie", "a=b"]], expect: "local" },
];

describe("guard", () => {
  it("has a table of cases with different names", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThan(60);
  });

  for (const test of cases) {
    it(`${test.name}: ${test.expect}`, () => {
      const verdict = run(test);
      if (verdict.ok) {
        const outcome = verdict.preflight === true ? "preflight" : verdict.local ? "local" : "remote";
        expect(outcome).toBe(test.expect);
      } else {
        expect(verdict.status).toBe(test.expect);
        expect(verdict.message).toContain(test.says ?? "");
        expect(verdict.logMessage).toContain(verdict.message);
        for (const secret of [KEY, "sk-other", "nope"]) {
          expect(verdict.message + verdict.logMessage).not.toContain(secret);
        }
      }
      expect(verdict.origin).toBe(test.cors);
    });
  }

  it("never throws, and lets nothing foreign pass, whatever the headers hold", async () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    const name = fc.constantFrom(
      "Origin",
      "Host",
      "Sec-Fetch-Site",
      "Cookie",
      "Authorization",
      "x-api-key",
      "X-Forwarded-For",
    );
    await fc.assert(
      fc.property(
        fc.array(fc.tuple(name, text), { maxLength: 6 }),
        text,
        fc.boolean(),
        (headers, host, upgrade) => {
          const verdict = run({ headers, host, upgrade, policy: { ...listed } });
          if (!verdict.ok) {
            expect(verdict.message.length).toBeLessThan(600);
            return;
          }
          expect(host).toMatch(/^(localhost|127\.\d+\.\d+\.\d+|\[[0:]+1\])(:\d+)?$/i);
        },
      ),
      { numRuns: 500 },
    );
  });
});
