/** Portico as its clients see it. */
import assert from "node:assert/strict";
import { untilIs } from "./patience.ts";

/** A request that has to succeed. @param session tells conversations apart */
export async function ask(base: string, model: string, session?: string): Promise<string> {
  const response = await fetch(`${base}/v1/chat/completions`, {
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
