// An MCP server over stdio with more tools than clients declare at once. Its argument: the secret word.
import { createInterface } from "node:readline";

/** Enough that clients search them instead of declaring them. */
const OTHERS = 60;
const word = process.argv[2];

const tools = Array.from({ length: OTHERS }, (_, at) => ({
  name: `machine_${at}`,
  description: `Turns on machine ${at}. ${"It makes a noise, and needs power and water. ".repeat(10)}`,
  inputSchema: { type: "object", properties: { seconds: { type: "integer" } } },
}));
tools.push({
  name: "secret_word",
  description: "Tells the secret word of a vault.",
  inputSchema: { type: "object", properties: { vault: { type: "string" } }, required: ["vault"] },
});

const RESULTS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "vault", version: "1" },
  }),
  "tools/list": () => ({ tools }),
  "tools/call": ({ name }) => ({
    content: [{ type: "text", text: name === "secret_word" ? `The secret word is ${word}.` : "It runs." }],
  }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = RESULTS[method]?.(params ?? {}) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
});
