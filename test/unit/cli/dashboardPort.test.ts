/** Why the dashboard did not get its port, in words that say what to do. */
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { whyNoDashboardPort } from "../../../src/cli/serve.ts";

const refused = (code: string, syscall = "listen") =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe("the dashboard's port", () => {
  it("is taken: by whom, and what to do", async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as AddressInfo;
    const words = await whyNoDashboardPort(refused("EADDRINUSE"), port);
    expect(words).toMatch(new RegExp(`^The dashboard cannot have port ${port}: .+ has it\\. `));
    if (process.platform === "linux") expect(words).toContain(`(pid ${process.pid})`);
    expect(words).toContain("--dashboard-port N");
    await new Promise((done) => other.close(done));
  });

  it("is not for this account: which ones are", async () => {
    expect(await whyNoDashboardPort(refused("EACCES"), 80)).toBe(
      "This account may not listen on port 80. Choose one above 1023 with --dashboard-port N.",
    );
    expect(await whyNoDashboardPort(refused("EACCES"), 50_000)).toContain("The system lets nobody listen");
    expect(await whyNoDashboardPort(refused("EPERM"), 80)).toContain("may not listen");
  });

  it("is not blamed for a file that cannot be read", async () => {
    expect(await whyNoDashboardPort(refused("EACCES", "open"), 80)).toBeUndefined();
    expect(await whyNoDashboardPort(refused("EADDRNOTAVAIL"), 80)).toBeUndefined();
    expect(await whyNoDashboardPort(new Error("other"), 80)).toBeUndefined();
  });
});
