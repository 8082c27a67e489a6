/** A typed client of the control API, for the windows that do not lead and for the command line. */
import { WebSocket } from "ws";
import { type CallOptions, Channel, ControlError } from "../../control/channel.ts";
import type { EventName, Events, Method, Params, Result } from "../../control/contract.ts";
import { isEvent, MissingField, readEvent, readResult } from "../../control/reading.ts";
import type { ControlAddress } from "./address.ts";
import { MAX_PAYLOAD, socketWire } from "./socketWire.ts";

export interface ControlClientOptions {
  onEvent?: <E extends EventName>(event: E, data: Events[E]) => void;
  /** The gateway went away, or `close` was called. Once. */
  onClose?: () => void;
  /** Milliseconds to connect. */
  timeoutMs?: number;
}

export interface ControlClient {
  /** @throws ControlError */
  call<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>;
  close(): void;
}

/**
 * @throws ControlError `closed` when nobody is there or the token is not theirs, `timeout` when somebody is but
 *   does not answer in time.
 */
export async function connectControl(
  address: ControlAddress,
  options: ControlClientOptions = {},
): Promise<ControlClient> {
  const socket = new WebSocket(address.address, {
    headers: { authorization: `Bearer ${address.token}` },
    maxPayload: 16 * MAX_PAYLOAD,
    perMessageDeflate: false,
  });
  // The wire listens from the start: the first event may come in the packet that opens it.
  const channel = new Channel(socketWire(socket), {
    lenient: true,
    onEvent: (event, data) => {
      // An event of a newer gateway is not for this client.
      if (isEvent(event)) deliver(event, data, options);
    },
    onClose: () => {
      if (opened) options.onClose?.();
    },
  });
  let opened = false;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    socket.terminate();
  }, options.timeoutMs ?? 2000);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("close", () => {
        reject(
          late
            ? new ControlError("timeout", "Portico did not answer in time.")
            : new ControlError("closed", "No running Portico answers."),
        );
      });
    });
  } finally {
    clearTimeout(timer);
  }
  opened = true;
  return {
    async call(method, params, callOptions) {
      const result = await channel.call(method, params, callOptions);
      try {
        return readResult(method, result);
      } catch (error) {
        if (!(error instanceof MissingField)) throw error;
        const why = `Portico ${address.version} is running, and in its answer to ${method} ${error.message}`;
        throw new ControlError("failed", `${why}. Run one version everywhere.`);
      }
    },
    close: () => channel.close(),
  };
}

function deliver<E extends EventName>(event: E, data: unknown, options: ControlClientOptions): void {
  let read: Events[E];
  try {
    read = readEvent(event, data);
  } catch (error) {
    if (error instanceof MissingField) return;
    throw error;
  }
  options.onEvent?.(event, read);
}
