/** What requests to providers go through as the settings have it: connections, and heartbeats meanwhile. */
import type { Ports } from "../common/ports.ts";
import type { Settings } from "../settings/settings.ts";
import { Agents } from "./agents.ts";
import { Heartbeats } from "./relay/heartbeats.ts";

type UpstreamSettings = Settings["upstream"];

export class Transport {
  readonly #ports: Pick<Ports, "network" | "clock">;
  #settings: UpstreamSettings;
  #agents: Agents;
  #heartbeats: Heartbeats;

  constructor(ports: Pick<Ports, "network" | "clock">, settings: UpstreamSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#agents = new Agents(ports.network, settings);
    this.#heartbeats = new Heartbeats(ports.clock, settings.heartbeatMs);
  }

  /** The connections for new requests. */
  get agents(): Agents {
    return this.#agents;
  }

  get heartbeats(): Heartbeats {
    return this.#heartbeats;
  }

  /** Requests under way keep what they have. */
  configure(settings: UpstreamSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (before.heartbeatMs !== settings.heartbeatMs) {
      this.#heartbeats = new Heartbeats(this.#ports.clock, settings.heartbeatMs);
    }
    if (before.connectTimeoutMs !== settings.connectTimeoutMs) this.renew().retire();
  }

  /** New requests get new connections. @returns the old ones, to be retired or closed */
  renew(): Agents {
    const old = this.#agents;
    this.#agents = new Agents(this.#ports.network, this.#settings);
    return old;
  }
}
