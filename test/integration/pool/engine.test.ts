/** The connections to a pool's engine: when it counts as there. */
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { Engine } from "../../../src/gateway/pool/engine.ts";
import { redisPath, startRedis } from "../../support/redis.ts";
import { until } from "./here.ts";

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(redisPath === undefined)("an engine (needs redis-server)", () => {
  it("is not there where the connection for news broke while it was told, and was there again before that ended", async () => {
    await using redis = await startRedis();
    const heard: string[] = [];
    const states: (string | undefined)[] = [];
    let backs = 0;
    const engine = new Engine({
      url: redis.url,
      clock: systemClock,
      channel: "news",
      onMessage: (text) => void heard.push(text),
      onState: (why) => void states.push(why),
      async onBack() {
        backs += 1;
        if (backs > 1) return;
        const connections = async () =>
          (await redis.command("INFO", "clients")).match(/connected_clients:(\d+)/)?.[1];
        const before = await connections();
        await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        await until("it is connected again", async () => (await connections()) === before);
      },
    });
    engine.start();
    await until("it is there", () => engine.joined);
    expect(backs).toBe(2);
    await redis.command("PUBLISH", "news", "hello");
    await until("it is heard", () => heard.length > 0);
    expect(heard).toEqual(["hello"]);
    expect(states.at(-1)).toBeUndefined();
    engine.close();
  });
});
