/**
 * Signatures (encrypted reasoning among them) of tool calls and of the reasoning before them, for
 * clients whose protocol has no field that would bring them back. Kept by session, model and id of
 * the call, because ids of calls are not unique across providers; bounded, the longest unused goes
 * first.
 */
import { createHash } from "node:crypto";
import type { Clock, Timer } from "../common/ports.ts";
import { wireId } from "../protocols/callId.ts";
import type { AssistantPart, ChatRequest, Message, ReasoningPart, ToolCallPart } from "../protocols/chat.ts";
import {
  type KeptSignature,
  readSignature,
  type StoredSignature,
  writeSignature,
} from "./storedSignature.ts";

/** Where signatures outlive the process. Both may fail; the signatures of this run are then all there are. */
export interface SignaturePersistence {
  /** What `save` was given last; anything else is passed over. */
  load(): Promise<unknown>;
  save(entries: readonly StoredSignature[]): Promise<void>;
}

export interface SignatureSaving {
  readonly clock: Clock;
  readonly persistence: SignaturePersistence;
  /** May thoughts in plain words be saved as well? Without, nothing of a conversation's text is. */
  readonly texts: () => boolean;
}

export interface SignatureLimits {
  readonly count: number;
  /** UTF-16 code units of all text and data. */
  readonly size: number;
}

const DEFAULT_LIMITS: SignatureLimits = { count: 5000, size: 16 * 1024 * 1024 };
/** Milliseconds between two saves. */
const SAVE_EVERY_MS = 10_000;
/** Characters of arguments that are compared. */
const INPUT_LIMIT = 256 * 1024;

export interface SignatureScope {
  readonly session: string;
  readonly model: string;
}

export class SignatureStore {
  readonly #limits: SignatureLimits;
  /** Least recently used first. */
  readonly #kept = new Map<string, KeptSignature>();
  /** By content, to the key of the latest such call. */
  readonly #byContent = new Map<string, string>();
  readonly #perScope = new Map<string, number>();
  readonly #saving: SignatureSaving | undefined;
  #timer: Timer | undefined;
  #size = 0;
  /** Told of each that is kept. */
  onKeep: ((kept: StoredSignature) => void) | undefined;

  constructor(limits: SignatureLimits = DEFAULT_LIMITS, saving?: SignatureSaving) {
    this.#limits = limits;
    this.#saving = saving;
  }

  get count(): number {
    return this.#kept.size;
  }

  get size(): number {
    return this.#size;
  }

  /** Keeps what a call needs when it comes back. A call without any signature is not kept. */
  keep(scope: SignatureScope, call: ToolCallPart, reasoning: readonly ReasoningPart[]): void {
    const proven = reasoning.some((part) => part.signature !== undefined) ? [...reasoning] : [];
    if (call.signature === undefined && proven.length === 0) return;
    const kept: KeptSignature = {
      ...scope,
      callId: wireId(call.callId),
      name: call.name,
      content: contentOf(call),
      ...(call.signature === undefined ? {} : { signature: call.signature }),
      reasoning: proven,
    };
    this.#put(kept);
    this.onKeep?.(writeSignature(kept));
    this.touch();
  }

  /** Those of another process. What is none is passed over. */
  merge(entries: readonly unknown[]): void {
    for (const entry of entries) {
      const kept = readSignature(entry);
      if (kept === undefined) continue;
      this.#put(kept);
      this.touch();
    }
  }

  /** The request with the signatures its calls once had; the request itself where nothing is missing. */
  restore(scope: SignatureScope, request: ChatRequest): ChatRequest {
    if (!this.#perScope.has(scopeKey(scope))) return request;
    let changed = false;
    const present = callIdsOf(request);
    const messages = request.messages.map((message): Message => {
      if (message.role !== "assistant") return message;
      const parts = this.#restoreParts(scope, message.parts, present);
      if (parts === undefined) return message;
      changed = true;
      return { ...message, parts };
    });
    return changed ? { ...request, messages } : request;
  }

  /** Takes up what was saved; what came since stays. */
  async load(): Promise<void> {
    const saved = await this.#saving?.persistence.load();
    if (!Array.isArray(saved)) return;
    const present = [...this.#kept.values()];
    let hasText = false;
    for (const entry of saved.slice(-this.#limits.count)) {
      const kept = readSignature(entry);
      if (kept === undefined) continue;
      this.#put(kept);
      hasText ||= kept.reasoning.some(({ text }) => text !== "");
    }
    for (const entry of present) this.#put(entry);
    // Saved while that was wanted.
    if (hasText && this.#saving?.texts() === false) this.touch();
  }

  /** Writes now what waits to be written. */
  async flush(): Promise<void> {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    if (this.#saving === undefined) return;
    const kept = [...this.#kept.values()];
    const saved = this.#saving.texts() ? kept : kept.flatMap(withoutTexts);
    await this.#saving.persistence.save(saved.map(writeSignature));
  }

  /** `undefined`: nothing to add. */
  #restoreParts(
    scope: SignatureScope,
    parts: readonly AssistantPart[],
    present: ReadonlySet<string>,
  ): AssistantPart[] | undefined {
    let out: AssistantPart[] | undefined;
    /** Where the reasoning of the next call belongs: behind the call before it. */
    let start = 0;
    for (const [index, part] of parts.entries()) {
      if (part.type !== "tool-call") {
        out?.push(part);
        continue;
      }
      const kept = this.#find(scope, part, present);
      const adds =
        kept !== undefined && kept.reasoning.length > 0 && !hasSignature(out ?? parts.slice(0, index), start);
      if (kept !== undefined && (adds || (kept.signature !== undefined && part.signature === undefined))) {
        out ??= parts.slice(0, index);
        if (adds) {
          // Thoughts that came back unsigned are the same ones; the signed ones stand for them.
          const between = out.splice(start).filter((each) => each.type !== "reasoning");
          out.push(...kept.reasoning, ...between);
        }
        out.push(
          kept.signature === undefined || part.signature !== undefined
            ? part
            : { ...part, signature: kept.signature },
        );
      } else out?.push(part);
      start = out?.length ?? index + 1;
    }
    return out;
  }

  #find(scope: SignatureScope, call: ToolCallPart, present: ReadonlySet<string>): KeptSignature | undefined {
    const key = keyOf(scope, wireId(call.callId));
    let kept = this.#kept.get(key);
    if (kept?.name !== call.name) {
      const other = this.#byContent.get(keyOf(scope, contentOf(call)));
      kept = other === undefined ? undefined : this.#kept.get(other);
      // A call that is here under its own id needs no other to stand for it.
      if (kept !== undefined && present.has(kept.callId)) kept = undefined;
    }
    if (kept !== undefined) {
      const own = keyOf(kept, kept.callId);
      this.#kept.delete(own);
      this.#kept.set(own, kept);
    }
    return kept;
  }

  #put(kept: KeptSignature): void {
    const key = keyOf(kept, kept.callId);
    this.#remove(key);
    const size = sizeOf(kept);
    if (size > this.#limits.size) return;
    this.#kept.set(key, kept);
    this.#byContent.set(keyOf(kept, kept.content), key);
    this.#size += size;
    this.#perScope.set(scopeKey(kept), (this.#perScope.get(scopeKey(kept)) ?? 0) + 1);
    while (this.#kept.size > this.#limits.count || this.#size > this.#limits.size) {
      const oldest = this.#kept.keys().next();
      if (oldest.done === true) return;
      this.#remove(oldest.value);
    }
  }

  #remove(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#size -= sizeOf(kept);
    const content = keyOf(kept, kept.content);
    if (this.#byContent.get(content) === key) this.#byContent.delete(content);
    const left = (this.#perScope.get(scopeKey(kept)) ?? 1) - 1;
    if (left > 0) this.#perScope.set(scopeKey(kept), left);
    else this.#perScope.delete(scopeKey(kept));
  }

  /** What is saved is out of date. */
  touch(): void {
    if (this.#saving === undefined || this.#timer !== undefined) return;
    this.#timer = this.#saving.clock.setTimeout(() => {
      this.flush().catch(() => {
        // Not saved is no failure of any request; the next save tries again.
      });
    }, SAVE_EVERY_MS);
  }
}

/**
 * A signature without any word that was thought: encrypted reasoning stands for itself, signed reasoning
 * is nothing without its text and stays behind.
 */
function withoutTexts(kept: KeptSignature): KeptSignature[] {
  const bare = kept.reasoning.every(({ text, signature }) => text === "" || signature?.kind === "encrypted");
  const reasoning = bare ? kept.reasoning.map((part) => ({ ...part, text: "" })) : [];
  return kept.signature === undefined && reasoning.length === 0 ? [] : [{ ...kept, reasoning }];
}

function callIdsOf({ messages }: ChatRequest): Set<string> {
  const ids = new Set<string>();
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    for (const part of message.parts) if (part.type === "tool-call") ids.add(wireId(part.callId));
  }
  return ids;
}

function hasSignature(parts: readonly AssistantPart[], from: number): boolean {
  for (let at = from; at < parts.length; at++) {
    const part = parts[at];
    if (part?.type === "reasoning" && part.signature !== undefined) return true;
  }
  return false;
}

const scopeKey = ({ session, model }: SignatureScope): string => `${session}\n${model}`;
const keyOf = (scope: SignatureScope, rest: string): string => `${scopeKey(scope)}\n${rest}`;

function sizeOf({ callId, name, signature, reasoning }: KeptSignature): number {
  let size = callId.length + name.length + (signature?.data.length ?? 0);
  for (const part of reasoning) size += part.text.length + (part.signature?.data.length ?? 0);
  return size;
}

/** The same for arguments that differ in white space or in the order of their fields. */
function contentOf({ name, input }: ToolCallPart): string {
  return createHash("sha256")
    .update(`${name}\n${canonical(input)}`)
    .digest("base64url")
    .slice(0, 22);
}

function canonical(input: string): string {
  if (input.length > INPUT_LIMIT) return input;
  try {
    return JSON.stringify(sorted(JSON.parse(input === "" ? "{}" : input)));
  } catch {
    // Free text.
    return input;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
