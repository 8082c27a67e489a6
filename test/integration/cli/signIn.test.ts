/** `portico accounts add --sign-in`: with a gateway that runs, without one, and to the end with a server that grants. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseCommand } from "../../../src/cli/arguments.ts";
import { type SignInArguments, UsageError } from "../../../src/cli/command.ts";
import type { Console } from "../../../src/cli/output.ts";
import { run } from "../../../src/cli/run.ts";
import { screenOn } from "../../../src/cli/screen.ts";
import type { Session } from "../../../src/cli/session.ts";
import { signIn } from "../../../src/cli/signIn.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { seededSecret } from "../../support/secrets.ts";
import { AuthServer } from "../oauth/authServer.ts";
import { browse, openPortico } from "../oauth/portico.ts";
import { start } from "./program.ts";

/** Starting takes its time while the computer is busy. */
vi.setConfig({ testTimeout: 240_000 });

let folder = "";
let data = "";
beforeEach(() => {
  folder = makeFolder("cli-sign-in");
  data = join(folder, "data");
});
afterEach(() => removeFolder(folder));

/** A console whose person types while the command waits. */
function person() {
  const said = { out: "", err: "" };
  const stdin = new PassThrough();
  const waiting = new Set<() => void>();
  const console: Console = {
    out: screenOn({ write: (text) => (said.out += text) }, {}),
    err: screenOn(
      {
        write(text) {
          said.err += text;
          for (const look of waiting) look();
        },
      },
      {},
    ),
    stdin: stdin as unknown as NodeJS.ReadStream,
    env: { XDG_RUNTIME_DIR: join(folder, "run"), LOCALAPPDATA: join(folder, "run"), PORTICO_DATA_DIR: data },
  };
  function reads(pattern: RegExp): Promise<string> {
    return new Promise((done) => {
      const look = () => {
        const found = pattern.exec(said.err);
        if (found === null) return;
        waiting.delete(look);
        done(found[1] ?? found[0]);
      };
      waiting.add(look);
      look();
    });
  }
  return { console, said, reads, types: (line: string) => stdin.write(`${line}\n`) };
}

const PAGE = /^ {2}(https?:\S+)$/m;

/** What the person's client at Google looks like when it is downloaded. */
async function clientFile(client_id: string, client_secret: string): Promise<string> {
  const file = join(folder, "client.json");
  await writeFile(file, JSON.stringify({ installed: { client_id, client_secret, project_id: "p" } }));
  return file;
}

describe("a sign-in from the command line", () => {
  it("works on the data folder, where the browser brings the answer", async () => {
    const { console, said, reads } = person();
    const done = run(["accounts", "add", "openrouter", "--sign-in", "--json"], console);
    const page = new URL(await reads(PAGE));
    expect(page.searchParams.get("code_challenge_method")).toBe("S256");
    const back = new URL(page.searchParams.get("callback_url") ?? "");
    expect(said.err).toContain(back.host);
    back.searchParams.set("error", "access_denied");
    expect((await fetch(back)).status).toBe(400);
    expect(await done).toBe(1);
    expect(JSON.parse(said.out)).toMatchObject({ ok: false, reason: "denied" });
    expect(await run(["accounts", "list"], console)).toBe(0);
    expect(said.out).toContain("There is no account yet");
  });

  it("works with the gateway that runs, also for a browser elsewhere, by what is pasted", async () => {
    const secret = seededSecret("client-secret");
    const file = await clientFile("client-1.apps.example.com", secret);
    const { console, said, reads, types } = person();
    const env = console.env as NodeJS.ProcessEnv;
    await using program = start(["serve", "--port", "0", "--data-dir", data], env);
    await program.ready();
    const done = run(["accounts", "add", "google", "--sign-in", "--client-file", file], console);
    const page = new URL(await reads(PAGE));
    expect(page.searchParams.get("client_id")).toBe("client-1.apps.example.com");
    expect(said.err).toContain("7 days");
    types("http://127.0.0.1:1/elsewhere?code=1");
    await reads(/not the address of the page after the sign-in/);
    const back = new URL(page.searchParams.get("redirect_uri") ?? "");
    back.searchParams.set("state", page.searchParams.get("state") ?? "");
    back.searchParams.set("error", "access_denied");
    types(back.href);
    expect(await done).toBe(1);
    expect(said.err).toContain("Nothing was added: Google says that the sign-in was not allowed");
    expect(said.err).not.toContain("--keep");
    expect(said.err + said.out).not.toContain(secret);
  });

  it.each([
    ["gemini", "ada@example.com", "gemini"],
    ["openrouter", "OpenRouter", "openai-chat"],
  ] as const)("ends with an account of %s that a call has proved", async (id, label, protocol) => {
    const server = new AuthServer();
    await server.listen();
    const portico = await openPortico(server);
    const steered: Session = {
      running: undefined,
      dataDir: portico.folder,
      call: (method, params) => portico.call(method, params),
      [Symbol.asyncDispose]: async () => {},
    };
    const { console, said, reads } = person();
    const google = id === "gemini";
    const how: SignInArguments = {
      open: false,
      clientFile: google ? await clientFile(server.clientId, server.clientSecret) : undefined,
      clientId: undefined,
      clientSecretEnv: undefined,
      project: undefined,
    };
    const draft = { provider: id, endpoints: { [protocol]: google ? server.base : `${server.base}/or` } };
    const done = signIn({ provider: { id, label: id }, draft, how, keep: false }, steered, console);
    expect((await browse(await reads(PAGE))).status).toBe(200);
    expect(await done).toMatchObject({ ok: true, account: { id, label } });
    expect(await portico.call("accounts.list", undefined)).toMatchObject([{ id, state: "ready" }]);
    for (const each of server.secrets) expect(said.err).not.toContain(each);
    expect(await portico.leaks()).toEqual([]);
    await portico.close();
    await server.close();
  });

  it("says what is missing before anything begins", async () => {
    const nobody: Session = {
      running: undefined,
      dataDir: data,
      call: () => Promise.reject(new Error("nobody was to be asked")),
      [Symbol.asyncDispose]: async () => {},
    };
    const wrong = async (id: string, ...args: string[]) => {
      const command = parseCommand(["accounts", "add", id, "--sign-in", ...args]);
      if (command.kind !== "accounts add" || command.signIn === undefined) throw new Error("another command");
      const wanted = {
        provider: { id, label: id },
        draft: { provider: id },
        how: command.signIn,
        keep: false,
      };
      const error = await signIn(wanted, nobody, person().console).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UsageError);
      return String(error);
    };
    const broken = join(folder, "broken.json");
    await writeFile(broken, '{"web":{"client_id":"a","client_secret":"very-secret"}}');
    expect(await wrong("gemini")).toContain("--client-file FILE");
    expect(await wrong("gemini", "--client-file", "a", "--client-id", "b")).toContain("--client-file FILE");
    expect(await wrong("vertex", "--client-id", "a")).toContain("--project ID");
    expect(await wrong("openai")).toContain("has no sign-in");
    expect(await wrong("openrouter", "--client-id", "a")).toContain("needs no client");
    expect(await wrong("gemini", "--client-id", "a", "--client-secret-env", "NONE")).toContain("NONE");
    expect(await wrong("gemini", "--client-file", join(folder, "none"))).toContain("no such file");
    const said = await wrong("gemini", "--client-file", broken);
    expect(said).toContain("Desktop app");
    expect(said).not.toContain("very-secret");
  });
});
