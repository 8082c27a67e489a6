/** Id of the built-in account; `sandbox/MODEL` reaches it whatever else there is. */
export const SANDBOX_ID = "sandbox";

/** The models of the built-in sandbox: no key, no cost, the same answer every time. */
export const SANDBOX_MODELS = [
  { id: "sandbox/echo", label: "Says what you said", paceMs: 0 },
  { id: "sandbox/markdown", label: "A page of Markdown", paceMs: 10 },
  { id: "sandbox/reasoning", label: "Thinks aloud, then answers", paceMs: 15 },
  { id: "sandbox/tools", label: "Calls a tool, then reports its result", paceMs: 5 },
  { id: "sandbox/slow", label: "Takes its time", paceMs: 400 },
  { id: "sandbox/flaky", label: "Fails in turn: rate limit, outage, broken stream", paceMs: 10 },
] as const;

export type SandboxModel = (typeof SANDBOX_MODELS)[number]["id"];

export function sandboxModel(name: string): (typeof SANDBOX_MODELS)[number] | undefined {
  const full = name.startsWith("sandbox/") ? name : `sandbox/${name}`;
  return SANDBOX_MODELS.find((model) => model.id === full);
}

/** What to say of a name that it does not have. */
export function noSandboxModel(name: string): string {
  const names = SANDBOX_MODELS.map(({ id }) => id).join(", ");
  return `The sandbox has no model "${name.slice(0, 100)}". It has ${names}.`;
}
