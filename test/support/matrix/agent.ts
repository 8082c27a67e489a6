/** A scripted model that works with tools: it calls them, and answers once it has seen what they gave. */
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { MODELS, type Rig, type Sent } from "./rig.ts";
import { type ByProtocol, type Scene, type SceneCall, USAGE } from "./scene.ts";

/** A result of a tool, as each provider is shown it. */
const RESULT = /"role":"tool"|"type":"function_call_output"|"type":"tool_result"|"functionResponse":/g;

/** The results of tools in a request. */
export const resultsIn = ({ body }: Sent): number => JSON.stringify(body).match(RESULT)?.length ?? 0;

/**
 * Calls what stands in a round, round by round, each once the results of those before are there; then says `answer`.
 * Refuses a request that does not declare what it would call.
 */
export function agentScene(
  rounds: readonly (readonly SceneCall[])[],
  answer: string,
): (sent: Sent) => Scene | string {
  return (sent) => {
    const results = resultsIn(sent);
    let before = 0;
    for (const calls of rounds) {
      if (results < before + calls.length) {
        const declared = JSON.stringify(sent.body.tools ?? []);
        for (const { name } of calls)
          if (!declared.includes(`"name":"${name}"`)) return `${name} is not declared: ${declared}`;
        return { text: "Let me see.", calls, finish: "tool-calls", usage: USAGE };
      }
      before += calls.length;
    }
    return { text: answer, finish: "stop", usage: USAGE };
  };
}

/** Models of today, which take less than those before: forced calls, switched-off thinking, tools on chat. */
const NEWEST: ByProtocol<string> = {
  "openai-chat": "gpt-5.6",
  "openai-responses": "gpt-6.1-sol",
  anthropic: "claude-opus-5-5",
  gemini: "gemini-4-pro",
};

/** Each kind of account, with a model of it that needs nothing special and with one of today. */
export const TARGETS: readonly { target: Protocol; model: string }[] = PROTOCOLS.flatMap((target) =>
  [MODELS[target].plain, NEWEST[target]].map((name) => ({ target, model: `${target}/${name}` })),
);

/** Everything that a provider was told, for a test to look for words in. */
export const told = (rig: Rig): string => JSON.stringify(rig.sent.at(-1)?.body);
