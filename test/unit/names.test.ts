/** Names that were given up for the field's own: neither a file nor an exported declaration bears one again. */
import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../../src");

/** Folders and files that are now called otherwise. */
const FILES = [
  "gateway/http",
  "gateway/lead",
  "gateway/control",
  "cli/claim.ts",
  "cli/during.ts",
  "cli/steer.ts",
  "cli/steerFolder.ts",
  "cli/steered.ts",
  "cli/words.ts",
  "gateway/door.ts",
  "gateway/protocols/anthropic/proof.ts",
  "gateway/protocols/openaiChat/proofs.ts",
  "gateway/protocols/openaiResponses/proofs.ts",
  "gateway/records/db/words.ts",
  "gateway/turns.ts",
  "gateway/undo.ts",
  "gateway/upstream/foreignState.ts",
  "gateway/upstream/keptState.ts",
  "gateway/upstream/lane.ts",
  "gateway/upstream/laneA.ts",
  "gateway/upstream/laneB.ts",
  "gateway/upstream/proofStore.ts",
  "gateway/upstream/trouble.ts",
  "gateway/upstream/windowGuard.ts",
  "gateway/worker/participant.ts",
  "vscode/steady.ts",
  "vscode/window.ts",
  "webviews/components/Grip.tsx",
  "webviews/components/NeedsYou.tsx",
  "webviews/pages/accounts/words.ts",
  "webviews/pages/monitor/complete.ts",
  "webviews/pages/monitor/question.ts",
  "webviews/pages/monitor/stretches.ts",
  "webviews/pages/settings/Elsewhere.tsx",
  "webviews/words.ts",
];

/** Folder -> declaration that it once exported -> what that is called now. */
const DECLARATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cli: {
    Claim: "AcquiredFolder",
    SteerOptions: "ConnectOptions",
    Steered: "Session",
    claimFolder: "acquireFolder",
    during: "using",
    steer: "connectGateway",
    steerFolder: "openLocalSession",
    steerRunning: "connectRunning",
  },
  control: {
    Part: "MemberRole",
  },
  "gateway/accounts": {
    Place: "ConcurrencySlot",
  },
  "gateway/common": {
    Undo: "CleanupStack",
    inTurns: "serialQueue",
    turnsUntilLast: "serialQueueUntilLast",
  },
  "gateway/controlServer": {
    Pointer: "Advertisement",
    paramWords: "paramMessage",
    readPointers: "discover",
    removePointer: "withdraw",
    writePointer: "advertise",
  },
  "gateway/leader": {
    AccountBook: "AccountStore",
    AccountBookOptions: "AccountStoreOptions",
    AccountNews: "AccountEvents",
    AccountSteering: "AccountService",
    AccountSteeringDeps: "AccountServiceDeps",
    Audience: "Subscribers",
    AudienceOptions: "SubscribersOptions",
    Changes: "StatusWatcher",
    CredentialSteering: "CredentialService",
    CredentialSteeringDeps: "CredentialServiceDeps",
    KeeperOptions: "SettingsStoreOptions",
    LastLines: "LogTail",
    Lead: "Leader",
    LeadOptions: "LeaderOptions",
    LeadParts: "LeaderDependencies",
    ProxySteeringDeps: "ProxyServiceDeps",
    RequestSteering: "RequestService",
    RequestSteeringDeps: "RequestServiceDeps",
    SettingsKeeper: "SettingsStore",
    SettingsSteering: "SettingsService",
    SettingsSteeringDeps: "SettingsServiceDeps",
    Steering: "Services",
    Wanted: "DesiredState",
    WordDeps: "AdvertiseDeps",
    createAccountBook: "createAccountStore",
    createAccountSteering: "createAccountService",
    createCredentialSteering: "createCredentialService",
    createProxySteering: "createProxyService",
    createRequestSteering: "createRequestService",
    createSettingsSteering: "createSettingsService",
    lead: "startLeader",
    leadParts: "leaderDependencies",
    leaveWord: "advertiseLeader",
    readWanted: "readDesiredState",
  },
  "gateway/protocols": {
    Proof: "Signature",
    detailProof: "detailSignature",
    openProof: "openSignature",
    proofFromExtra: "signatureFromExtra",
    proofOf: "asSignature",
    proofToDetail: "signatureToDetail",
    proofToExtra: "signatureToExtra",
    sealProof: "sealSignature",
  },
  "gateway/records": {
    Words: "StringInterning",
  },
  "gateway/requests": {
    Resting: "Skipped",
    withoutForeignState: "withoutBoundState",
    withoutProofs: "withoutSignatures",
  },
  "gateway/server": {
    Door: "ProxyListener",
    DoorOptions: "ProxyListenerOptions",
  },
  "gateway/state": {
    KeptProof: "KeptSignature",
    KeptState: "ConversationState",
    KeptStateOptions: "ConversationStateOptions",
    ProofLimits: "SignatureLimits",
    ProofPersistence: "SignaturePersistence",
    ProofSaving: "SignatureSaving",
    ProofScope: "SignatureScope",
    ProofStore: "SignatureStore",
    ProofsFileOptions: "SignaturesFileOptions",
    createProofsFile: "createSignaturesFile",
  },
  "gateway/upstream": {
    LaneContext: "RelayContext",
    LaneResult: "AttemptResult",
    StreamTroubles: "StreamFailures",
    Trouble: "AttemptFailure",
    laneA: "passthrough",
    laneB: "translation",
    upstreamTrouble: "upstreamFailure",
  },
  "gateway/worker": {
    Participant: "Member",
    ParticipantOptions: "MemberOptions",
  },
  vscode: {
    Steady: "DebouncedView",
    SteadyOptions: "DebouncedViewOptions",
    Window: "CommandContext",
  },
  "webviews/components": {
    Grip: "DragHandle",
    NeedsYou: "AttentionList",
  },
  "webviews/pages": {
    Elsewhere: "About",
    Question: "FilterState",
    Stretch: "TimeRange",
    UseQuestion: "UseFilterState",
    complete: "autocomplete",
    questionOf: "filterStateOf",
    stretchesOf: "timeRangesOf",
    useQuestion: "useFilterState",
  },
};

/** Names that a module exports, read from its text. */
function exportsOf(text: string): string[] {
  const declared =
    /^export (?:declare |abstract |async |default )*(?:class|const|function\*?|interface|let|type) (\w+)/gm;
  return Array.from(text.matchAll(declared), ([, name = ""]) => name);
}

describe("names", () => {
  it("of files are the field's", () => {
    expect(FILES.filter((file) => existsSync(join(src, file)))).toEqual([]);
  });

  it.each(Object.entries(DECLARATIONS))("of declarations in %s are the field's", async (folder, retired) => {
    const found: string[] = [];
    for await (const file of glob("**/*.{ts,tsx}", { cwd: join(src, folder) })) {
      for (const name of exportsOf(readFileSync(join(src, folder, file), "utf8"))) {
        if (Object.hasOwn(retired, name)) found.push(`${folder}/${file}: ${name} is called ${retired[name]}`);
      }
    }
    expect(found).toEqual([]);
  });

  it("are read from what a module exports", () => {
    const text =
      "export class A {}\nexport async function b() {}\nexport const c = 1;\nconst d = 2;\nexport type E = 1;";
    expect(exportsOf(text)).toEqual(["A", "b", "c", "E"]);
  });
});
