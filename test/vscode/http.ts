/** Portico as its clients see it. */
import assert from "node:assert/strict";
import { until, untilIs } from "./patience.ts";

/**
 * A request, once there is somebody who takes it: a gateway that has just moved to another address or another process
 * refuses connections for a moment, and closes those that were kept.
 */
export function reach(url: string, init?: RequestInit): Promise<Response> {
  let last: unknown;
  return until(
    () =>
      fetch(url, init).catch((error: unknown) => {
        last = error;
        return undefined;
      }),
    () => `${url} is not reached: ${last}`,
  );
}

/** A request that has to succeed. @param session tells conversations apart */
export async function ask(base: string, model: string, session?: string): Promise<string> {
  const response = await reach(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(session === undefined ? {} : { "x-portico-session": session }),
    },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  assert.equal(response.status, 200);
  return response.text();
}

export async function isHealthy(base: string): Promise<boolean> {
  return fetch(`${base}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

export async function untilStatus(url: string, status: number): Promise<void> {
  const look = () =>
    fetch(url).then(
      (response) => response.status,
      () => undefined,
    );
  await untilIs(look, status);
}
