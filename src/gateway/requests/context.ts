/** What the routes work with; made once by `gateway.ts`. */

import type { Protocol } from "../../control/protocol.ts";
import type { Bindings } from "../accounts/bindings.ts";
import type { AccountHealth } from "../accounts/health.ts";
import type { AccountPool } from "../accounts/pool.ts";
import type { Ports } from "../common/ports.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ModelKnowledge } from "../models/knowledge.ts";
import type { ResponseStore } from "../protocols/responsesApi.ts";
import type { Account } from "../providers/account.ts";
import type { Recorder } from "../records/record.ts";
import type { TokenCounter } from "../records/tokens.ts";
import type { Unrecorded } from "../records/unrecorded.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Catalog } from "../routing/catalog.ts";
import type { Sandbox } from "../sandbox/run.ts";
import type { BodyBudget } from "../server/body/read.ts";
import type { GuardPolicy } from "../server/guard/guard.ts";
import type { ClientKey } from "../settings/clientKeys.ts";
import type { Settings } from "../settings/settings.ts";
import type { SignatureStore } from "../state/signatureStore.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { Agents } from "../upstream/agents.ts";
import type { Heartbeats } from "../upstream/relay/heartbeats.ts";
import type { AbsentEndpoints } from "./attempts/absentEndpoints.ts";
import type { MediaFetcher } from "./attempts/fetchMedia.ts";
import type { RefusedReasoning } from "./attempts/refusedReasoning.ts";
import type { CaptureRoom } from "./capture.ts";

export interface GatewayContext {
  readonly ports: Ports;
  /** The key whose limits hold; absent: the owner's requests. See `clientView.ts`. */
  readonly client?: ClientKey;
  /** Names of accounts taken out of words for a client that is not told them; absent: it may know. */
  readonly withoutAccounts?: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  settings(): Settings;
  policy(): GuardPolicy;
  accounts(): readonly Account[];
  /** Where a model can go, best first. */
  candidates(model: string, protocol: Protocol): readonly Candidate[];
  readonly catalog: Catalog;
  readonly health: AccountHealth;
  readonly bindings: Bindings;
  /** Who gets a request, what accounts may still use. Holds `health` and `bindings` as well. */
  readonly pool: AccountPool;
  readonly agents: Agents;
  heartbeats(): Heartbeats;
  readonly signatures: SignatureStore;
  /** Responses of targets that cannot keep them themselves. */
  readonly responses: ResponseStore;
  readonly tokens: TokenCounter;
  readonly media: MediaFetcher;
  readonly absentEndpoints: AbsentEndpoints;
  readonly refusedReasoning: RefusedReasoning;
  /** What providers have refused of their models. */
  readonly models: ModelKnowledge;
  readonly sandbox: Sandbox;
  readonly budget: BodyBudget;
  /** For copies of bodies that are to be recorded. */
  readonly captures: CaptureRoom;
  readonly record: Recorder;
  readonly unrecorded: Unrecorded;
  readonly metrics: Metrics;
  readonly traces: Traces;
  /** What a person does here to add an account, e.g. `portico accounts add PROVIDER`. */
  readonly howToAdd: string;
  /** Letters and digits, unique. */
  newId(length?: number): string;
}
