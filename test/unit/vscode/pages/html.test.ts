import { expect, it } from "vitest";
import { pageHtml } from "../../../../src/vscode/pages/html.ts";

const document = (state: string) =>
  pageHtml({
    title: "Portico",
    script: "https://file.example/panel.js",
    style: "https://file.example/panel.css",
    source: "https://*.example",
    nonce: "abc",
    start: { kind: "vscode", view: "panel", open: { page: "monitor", query: { text: state } } },
  });

it("runs scripts of its own only, and nothing inline", () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(document(""))?.[1];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'nonce-abc' https://*.example;");
  expect(policy).not.toContain("unsafe");
});

it("keeps a state that would end the script within its JSON", () => {
  const text = "</script><script>alert(1)</script>";
  const html = document(text);
  expect(html.match(/<script/g)).toHaveLength(2);
  const json = /id="portico">(.*)<\/script>/.exec(html)?.[1] ?? "";
  expect(JSON.parse(json)).toMatchObject({ open: { query: { text } } });
});
