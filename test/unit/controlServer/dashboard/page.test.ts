import { describe, expect, it } from "vitest";
import {
  dashboardCsp,
  dashboardHtml,
  leadingHtml,
  localeOf,
  noticeHtml,
  pageAt,
  signInCsp,
  signInHtml,
} from "../../../../src/gateway/controlServer/dashboard/page.ts";

const at = (path: string) => pageAt(new URL(path, "http://127.0.0.1:1"));

describe("the dashboard's HTML", () => {
  it("tells the script where it is, whatever is in it", () => {
    const query = { filter: '</script><script>alert(1)</script><!-- "&\u2028' };
    const start = { kind: "browser", view: "panel", open: { page: "monitor", query } } as const;
    const html = dashboardHtml({ start, nonce: "abc" });
    const json = /<script type="application\/json" id="portico">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
    expect(JSON.parse(json)).toEqual(start);
    expect(json).not.toMatch(/[<>&\u2028]/);
    expect(html.match(/<script/g)).toHaveLength(3);
    expect(html).toContain('<script type="module" nonce="abc" src="/panel.js"></script>');
    expect(html).toContain('<html lang="en">');
  });

  it("allows scripts by the nonce alone, and its own socket", () => {
    const csp = dashboardCsp("abc", "127.0.0.1:5");
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("script-src 'nonce-abc'");
    expect(csp).toContain("connect-src ws://127.0.0.1:5");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toContain("unsafe");
  });

  it("escapes what a notice says", () => {
    expect(noticeHtml({ title: "<b>", text: ['"&'] })).not.toMatch(/<b>|"&/);
    expect(leadingHtml('http://a/"><b>&c')).not.toMatch(/<b>|"><|&c/);
  });

  it("says to a visitor without scripts what to do, and allows its own one by the nonce", () => {
    const html = signInHtml("abc");
    expect(html.match(/<script nonce="abc">/g)).toHaveLength(1);
    expect(/<noscript>(.*?)<\/noscript>/.exec(html)?.[1]).toContain("open the link again");
    expect(html).toContain("portico dashboard");
    expect(signInCsp("abc")).toMatch(/^default-src 'none'; script-src 'nonce-abc'; connect-src 'self';/);
  });
});

describe("a path", () => {
  it.each([
    ["/", { page: "dashboard" }],
    ["/monitor", { page: "monitor" }],
    ["/monitor?account=work&model=*", { page: "monitor", query: { account: "work", model: "*" } }],
    ["/?", { page: "dashboard" }],
    ["/nowhere", undefined],
    ["/monitor/", undefined],
    ["/constructor", undefined],
  ])("%s opens %j", (path, open) => {
    expect(at(path)).toEqual(open);
  });

  it("brings along a bounded query", () => {
    const many = Array.from({ length: 50 }, (_, index) => `k${index}=1`).join("&");
    expect(Object.keys(at(`/settings?${many}`)?.query ?? {})).toHaveLength(20);
    expect(at(`/settings?a=${"x".repeat(501)}`)).toEqual({ page: "settings" });
  });
});

describe("the language", () => {
  it.each([
    ["de-CH,de;q=0.9,en;q=0.8", "de-CH"],
    ["en", "en"],
    ["*", undefined],
    ["<script>", undefined],
    [undefined, undefined],
  ])("of %s is %s", (header, locale) => {
    expect(localeOf(header)).toBe(locale);
  });
});
