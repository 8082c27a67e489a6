/** Connect over scripted worlds: which tools were seen, and what to paste. What is pasted: apiProxyReal.test.ts. */
import { describe, expect, it } from "vitest";
import type { ClientState } from "../../src/control/clients.ts";
import { noSums, type Stats } from "../../src/control/stats.ts";
import { axeFindings, browserPath, cutOff, overflows } from "../support/pages/browser.ts";
import { CLIENT_PREVIEW, CLIENT_STATES } from "../support/pages/clientStates.ts";
import { Refusal } from "../support/pages/fake.ts";
import { openWorld, settled } from "../support/pages/open.ts";
import { actAsVsCode } from "../support/pages/vscodeApi.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { WORLDS, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("Connect (needs a browser)", () => {
  const pages = withBrowser();
  type Options = NonNullable<Parameters<typeof openWorld>[1]>;
  const open = (options: Options = {}) => openWorld(pages.browser, { hash: "connect", ...options });

  /** Requests by day, the last one today. */
  function seen(clients: Record<string, number[]>): Stats {
    const days = Math.max(...Object.values(clients).map(({ length }) => length));
    const total = noSums();
    return {
      buckets: Array.from({ length: days }, (_, i) => i),
      groups: Object.entries(clients).map(([key, counts]) => ({
        key,
        label: key,
        total,
        firstByte: {},
        duration: {},
        points: counts.map((requests) => ({ ...total, requests })),
      })),
      total,
      firstByte: {},
      duration: {},
      errors: {},
    };
  }

  it("says of each tool whether it was seen at work, and when", async () => {
    const { page, errors, close } = await open({
      answers: {
        "stats.query": () =>
          seen({
            "Claude Code": [9, 0, 0, 12],
            Codex: [0, 0, 0, 1],
            "Gemini CLI": [0, 0, 3, 0],
            Cline: [5, 0, 0, 0],
          }),
      },
    });
    const tools = page.getByRole("list", { name: "Tools" });
    await expect
      .poll(() => tools.getByRole("button").allInnerTexts())
      .toEqual([
        "Claude Code\n12 requests today",
        "Codex\n1 request today",
        "Gemini CLI\nseen yesterday",
        "OpenCode\nnot seen yet",
        "Continue\nnot seen yet",
        "Cline\nseen 3 days ago",
        "Copilot CLI\nnot seen yet",
        "Roo Code\nnot seen yet",
        "Crush\nnot seen yet",
        "Droid\nnot seen yet",
        "aider\nnot seen yet",
        "Zed\nnot seen yet",
        "Goose\nnot seen yet",
        "Another tool",
      ]);
    await tools.getByRole("button", { name: "OpenCode" }).click();
    await page.getByRole("region", { name: "Connect OpenCode" }).waitFor();
    await expect.poll(() => new URL(page.url()).hash).toBe("#connect?client=opencode");
    expect(errors).toEqual([]);
    await close();
  });

  it("asks for a tool by its name where the largest alone stand for themselves", async () => {
    const { fake, page, close } = await open({
      answers: {
        "stats.query": ({ only }) => {
          if (only?.client === "Cline") return seen({ "": [0, 0, 7] });
          if (only !== undefined) return { ...seen({ "": [] }), groups: [] };
          return seen({ "Claude Code": [0, 0, 12], "*": [0, 0, 40] });
        },
      },
    });
    const tools = page.getByRole("list", { name: "Tools" });
    await tools.getByRole("button", { name: "Cline 7 requests today" }).waitFor();
    await tools.getByRole("button", { name: "Claude Code 12 requests today" }).waitFor();
    await tools.getByRole("button", { name: "Codex not seen yet" }).waitFor();
    const named = fake.called("stats.query").flatMap(({ only }) => only?.client ?? []);
    const others = ["Copilot CLI", "Roo Code", "Crush", "Droid", "aider", "Zed", "Goose"];
    expect(new Set(named)).toEqual(
      new Set(["Codex", "Gemini CLI", "OpenCode", "Continue", "Cline", ...others]),
    );
    await close();
  });

  it("says so soon after a tool was seen for the first time", async () => {
    let requests = 0;
    const { fake, page, close } = await open({
      answers: { "stats.query": () => seen({ Codex: [0, 0, requests] }) },
    });
    await page.getByRole("button", { name: "Codex not seen yet" }).waitFor();
    requests = 1;
    const [row] = world("normal").requests;
    if (row === undefined) throw new Error("no request");
    fake.emit("requests", { rows: [{ ...row, id: "new", seq: 100_000, client: "Codex" }], missed: 0 });
    await page.getByRole("button", { name: "Codex 1 request today" }).waitFor();
    await close();
  });

  it("connects a tool by its own settings, once a person has seen what changes, and puts them back", async () => {
    let states = [...CLIENT_STATES];
    const opened = await open({
      answers: {
        "stats.query": () => seen({ Codex: [1] }),
        "clients.list": () => states,
        "clients.preview": ({ to }) =>
          to === "connect" ? CLIENT_PREVIEW : { ...CLIENT_PREVIEW, notes: [], seen: "seen-2" },
        "clients.apply": ({ wish }) => {
          const now = wish.to === "connect";
          const done = { connected: now, undoable: now, baseUrl: "http://127.0.0.1:8045" };
          states = states.map((each) => (each.id === wish.id ? { ...each, ...done } : each));
          return states[0] as ClientState;
        },
      },
    });
    const { fake, page, errors } = opened;
    const part = page.getByRole("region", { name: "Connect Claude Code" });
    await part.getByText("Talks to its own provider").waitFor();
    await part.getByText("version 2.1.3").waitFor();
    await part.getByRole("button", { name: "Connect…" }).click();
    const dialog = page.getByRole("dialog", { name: "Connect Claude Code" });
    await dialog.getByText("/home/me/.claude-code/settings.json").waitFor();
    await expect
      .poll(() => dialog.locator(".added").allInnerTexts())
      .toContain('+     "ANTHROPIC_BASE_URL": "http://127.0.0.1:8045"');
    await dialog.getByText("Sessions that are open go on").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(fake.called("clients.apply")).toEqual([]);

    await part.getByRole("button", { name: "Connect…" }).click();
    await dialog.getByRole("button", { name: "Connect", exact: true }).click();
    await part.getByText("Connected", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Claude Code connected" }).waitFor();
    await part.getByRole("button", { name: "Disconnect…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect", exact: true }).click();
    await part.getByRole("button", { name: "Connect…" }).waitFor();
    expect(fake.called("clients.apply")).toEqual([
      { wish: { id: "claude-code", to: "connect" }, seen: "seen-1" },
      { wish: { id: "claude-code", to: "disconnect" }, seen: "seen-2" },
    ]);
    expect(errors).toEqual([]);
    await opened.close();
  });

  it.each([
    { host: "build-box", words: "on the computer that Portico runs on (build-box). Keys" },
    // An older Portico does not say it.
    { host: undefined, words: "on the computer that Portico runs on. Keys" },
  ])("names the computer whose files it would change: $host", async ({ host, words }) => {
    const { page, close } = await open({
      answers: {
        "surroundings.get": () => ({
          version: "0.1.0",
          kind: "vscode",
          clients: 1,
          proxy: { used: "none" },
          ...(host === undefined ? {} : { host }),
        }),
        "clients.list": () => [...CLIENT_STATES],
        "clients.preview": () => CLIENT_PREVIEW,
      },
    });
    const part = page.getByRole("region", { name: "Connect Claude Code" });
    await part.getByRole("button", { name: "Connect…" }).click();
    await page.getByRole("dialog").getByText(words).waitFor();
    await close();
  });

  it("has Claude Code list other models, which are chosen beside what would change", async () => {
    const [claude] = CLIENT_STATES as [ClientState];
    let state: ClientState = { ...claude, offers: [] };
    const opened = await open({
      answers: {
        "clients.list": () => [state],
        "clients.preview": (wish) => ({
          ...CLIENT_PREVIEW,
          files: CLIENT_PREVIEW.files.map((each) => ({ ...each, what: "same", lines: [] })),
          routes:
            wish.to === "connect"
              ? (wish.offers ?? []).map((each) => ({ sign: "+", text: `claude-portico-${each} → ${each}` }))
              : [],
        }),
        "clients.apply": ({ wish }) => {
          const now = { connected: true, undoable: true, baseUrl: "http://127.0.0.1:8045" };
          state = { ...state, ...now, ...(wish.to === "connect" && { offers: wish.offers ?? [] }) };
          return state;
        },
      },
    });
    const { fake, page, errors } = opened;
    const part = page.getByRole("region", { name: "Connect Claude Code" });
    await part.getByText("Other models in its list").click();
    await part.getByText("only where their names begin with “claude”").waitFor();
    for (const model of ["gpt-5", "gemini-3-pro"]) {
      await part.getByLabel("Model for its list").fill(model);
      await part.getByRole("button", { name: "Add", exact: true }).click();
    }
    const list = part.getByRole("list", { name: "Other models in its list" });
    await list.getByRole("listitem").nth(1).waitFor();
    await part.getByRole("button", { name: "Remove gemini-3-pro" }).click();
    await expect.poll(() => list.getByRole("listitem").count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
    await part.getByRole("button", { name: "Connect…" }).click();
    const dialog = page.getByRole("dialog", { name: "Connect Claude Code" });
    await dialog.locator(".added").getByText("claude-portico-gpt-5 → gpt-5").waitFor();
    // Its settings are as they are to be; the route is not.
    await dialog.getByRole("button", { name: "Connect", exact: true }).click();
    await part.getByText("Connected", { exact: true }).waitFor();
    const offers = ["gpt-5"];
    expect(fake.called("clients.apply")).toMatchObject([
      { wish: { id: "claude-code", to: "connect", offers } },
    ]);
    expect(errors).toEqual([]);
    await opened.close();
  });

  it("brings those up to date by one click that a change of port or key has cut off", async () => {
    const [claude, gemini] = CLIENT_STATES as [ClientState, ClientState];
    const old = { connected: true, undoable: true, baseUrl: "http://127.0.0.1:9999" };
    let states: ClientState[] = [
      { ...claude, ...old, outdated: "address" },
      { ...gemini, outdated: "key" },
      { ...claude, id: "pi", label: "pi" },
    ];
    const opened = await open({
      answers: {
        "clients.list": () => states,
        "clients.preview": ({ id }) => ({ ...CLIENT_PREVIEW, seen: `seen-${id}` }),
        "clients.apply": ({ wish }) => {
          states = states.map((each) => {
            const { outdated, ...rest } = each;
            return each.id === wish.id ? { ...rest, baseUrl: "http://127.0.0.1:8045" } : each;
          });
          return states[0] as ClientState;
        },
      },
    });
    const { fake, page } = opened;
    const list = page.locator(".problem", { hasText: "connected to what Portico no longer is" });
    await list.getByText("Connected to http://127.0.0.1:9999, where Portico is no longer").waitFor();
    await list.getByText("Connected with a key that is no longer taken").waitFor();
    expect(await list.getByRole("listitem").count()).toBe(2);
    expect(await axeFindings(page)).toEqual([]);
    expect(fake.called("clients.apply")).toEqual([]);
    // Or one alone, after a look.
    const part = page.getByRole("region", { name: "Connect Claude Code" });
    await part.getByRole("button", { name: "Update…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await list.getByRole("button", { name: "Bring up to date" }).click();
    await part.getByText("Connected", { exact: true }).waitFor();
    await expect.poll(() => list.count()).toBe(0);
    const update = (id: string) => ({ wish: { id, to: "update" }, seen: `seen-${id}` });
    expect(fake.called("clients.apply")).toEqual([update("claude-code"), update("gemini-cli")]);
    await opened.close();
  });

  it("opens a terminal with a tool that can be run, in VS Code alone", async () => {
    const [claude, gemini] = CLIENT_STATES as [ClientState, ClientState];
    const states: ClientState[] = [
      { ...claude, program: "/usr/bin/claude", runs: "alone" },
      { ...gemini, runs: "alone" },
    ];
    const answers = { "clients.list": () => states, "host.openTerminal": () => undefined };
    const inEditor = await open({
      answers,
      before: actAsVsCode,
      start: { kind: "vscode", open: { page: "connect" } },
    });
    const part = (page: typeof inEditor.page) => page.getByRole("region", { name: "Connect Claude Code" });
    await part(inEditor.page).getByRole("button", { name: "Open in Terminal" }).click();
    await expect.poll(() => inEditor.fake.called("host.openTerminal")).toEqual([{ client: "claude-code" }]);
    // It is not there.
    await inEditor.page.getByRole("button", { name: /^Gemini CLI/ }).click();
    await inEditor.page
      .getByRole("region", { name: "Connect Gemini CLI" })
      .getByText("Connected", { exact: true })
      .waitFor();
    expect(await inEditor.page.getByRole("button", { name: "Open in Terminal" }).count()).toBe(0);
    await inEditor.close();
    const { page, close } = await open({ answers });
    await part(page).getByRole("button", { name: "Connect…" }).waitFor();
    expect(await page.getByRole("button", { name: "Open in Terminal" }).count()).toBe(0);
    await close();
  });

  it("shows what would change in VS Code's diff editor, in VS Code alone", async () => {
    const answers = { "host.showChanges": () => undefined };
    const look = async ({ page }: Awaited<ReturnType<typeof open>>) => {
      const part = page.getByRole("region", { name: "Connect Claude Code" });
      await part.getByRole("button", { name: "Connect…", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Connect Claude Code" });
      await dialog.getByRole("button", { name: "Cancel" }).waitFor();
      return dialog.getByRole("button", { name: "Show Changes" });
    };
    const inEditor = await open({
      answers,
      before: actAsVsCode,
      start: { kind: "vscode", open: { page: "connect" } },
    });
    await (await look(inEditor)).click();
    await expect
      .poll(() => inEditor.fake.called("host.showChanges"))
      .toEqual([{ id: "claude-code", to: "connect" }]);
    await inEditor.close();
    const inBrowser = await open({ answers });
    expect(await (await look(inBrowser)).count()).toBe(0);
    await inBrowser.close();
  });

  it("says which tools are refused while Portico is stopped, and which were when it starts", async () => {
    const connected = ["Claude Code", "Codex"];
    const { fake, page, close } = await open({ world: "stopped" });
    await page.getByRole("button", { name: "Start Proxy" }).waitFor();
    const { status } = world("stopped");
    fake.emit("status", { ...status, connected });
    await page.getByText("Refused while Portico is stopped: Claude Code, Codex").waitFor();
    fake.answers["proxy.start"] = () => ({ ...world("normal").status, connected });
    await page.getByRole("button", { name: "Start Proxy" }).click();
    await page.getByText("Refused until now: Claude Code, Codex").waitFor();
    await expect.poll(() => page.getByText("Refused while Portico is stopped").count()).toBe(0);
    await close();
  });

  it("says of each how it is, and what keeps it from being connected", async () => {
    const [claude, gemini, open_] = CLIENT_STATES as [ClientState, ClientState, ClientState];
    const states = [
      { ...claude, problem: "/home/me/settings.json cannot be read." },
      { ...gemini, baseUrl: "http://127.0.0.1:9999", beatenBy: ["GEMINI_API_KEY is set."] },
      open_,
      { ...claude, id: "newer", label: "Newer Tool", baseUrl: "https://example.com" },
    ];
    const opened = await open({
      answers: {
        "clients.list": () => states,
        "clients.apply": () => {
          throw new Refusal("A file was changed meanwhile.", "failed");
        },
      },
    });
    const { page } = opened;
    const region = (label: string) => page.getByRole("region", { name: `Connect ${label}` });
    await region("Claude Code").getByText("cannot be read").waitFor();
    expect(await region("Claude Code").getByRole("button", { name: "Connect…" }).count()).toBe(0);
    await page.getByRole("button", { name: /^Gemini CLI/ }).click();
    await region("Gemini CLI")
      .getByText("Connected to http://127.0.0.1:9999, where Portico is no longer")
      .waitFor();
    await region("Gemini CLI").getByText("GEMINI_API_KEY is set.").waitFor();
    await page.getByRole("button", { name: /^OpenCode/ }).click();
    await region("OpenCode").getByText("Not found on this computer").waitFor();
    expect(
      await region("OpenCode")
        .getByRole("button", { name: /Connect/ })
        .count(),
    ).toBe(0);
    // One that this page has no words of its own for.
    await page.getByRole("button", { name: /^Newer Tool/ }).click();
    await region("Newer Tool").getByText("Talks to https://example.com").waitFor();
    await region("Newer Tool").getByText("Base URL: http://127.0.0.1:8045/v1").waitFor();
    await region("Newer Tool").getByRole("button", { name: "Connect…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("alert").getByText("A file was changed meanwhile.").waitFor();
    await opened.close();
  });

  it("leaves all of it to be done by hand with a Portico that cannot", async () => {
    const { page, close } = await open({
      answers: {
        "clients.list": () => {
          throw new Refusal("This Portico does not know it.", "not-found");
        },
      },
    });
    await page.getByText("export ANTHROPIC_BASE_URL=http://127.0.0.1:8045").waitFor();
    expect(await page.getByRole("button", { name: "Connect…" }).count()).toBe(0);
    await close();
  });

  it("says every name in full, however many requests there were", async () => {
    const { page, close } = await open({
      width: 800,
      answers: { "stats.query": () => seen({ "Claude Code": [85_646], Codex: [16_389] }) },
    });
    await page.getByRole("button", { name: "Claude Code 85.6 k requests today" }).waitFor();
    await expect.poll(() => cutOff(page, ".client-list .cut, .client-list .use")).toEqual([]);
    await close();
  });

  it("still says what to paste where nothing is known of requests", async () => {
    const { page, close } = await open({
      answers: {
        "stats.query": () => {
          throw new Error("The history cannot be read.");
        },
      },
    });
    await page.getByText("export ANTHROPIC_BASE_URL=http://127.0.0.1:8045").waitFor();
    expect(await page.getByText("not seen yet").count()).toBe(0);
    await close();
  });

  it.each([320, 700])("goes to what was chosen where that is below the list: %i px", async (width) => {
    const { page, close } = await open({ width, height: 500 });
    await page.getByRole("button", { name: "TypeScript" }).click();
    await expect
      .poll(() =>
        page
          .getByRole("heading", { name: "Connect TypeScript" })
          .evaluate((element) => element.getBoundingClientRect().top),
      )
      .toBeLessThan(100);
    await close();
  });

  it.each(WORLDS.flatMap((name) => [320, 1200].map((width) => [name, width] as const)))(
    "has nothing that axe minds, nor anything too wide: %s, %i px",
    async (name, width) => {
      const { page, close } = await open({ world: name, width });
      await settled(page);
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
      await close();
    },
  );
});
