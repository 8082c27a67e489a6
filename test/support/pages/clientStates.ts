/** Tools as a gateway finds them on a computer, and what connecting one would change. */
import type { ClientPreview, ClientState } from "../../../src/control/clients.ts";

const client = (id: string, label: string, more: Partial<ClientState> = {}): ClientState => ({
  id,
  label,
  found: true,
  files: [`/home/me/.${id}/settings.json`],
  connected: false,
  undoable: false,
  beatenBy: [],
  ...more,
});

export const CLIENT_STATES: readonly ClientState[] = [
  client("claude-code", "Claude Code", { version: "2.1.3" }),
  client("gemini-cli", "Gemini CLI", {
    connected: true,
    undoable: true,
    baseUrl: "http://127.0.0.1:8045",
    version: "0.20.0",
  }),
  client("opencode", "OpenCode", { found: false }),
];

export const CLIENT_PREVIEW: ClientPreview = {
  files: [
    {
      path: "/home/me/.claude-code/settings.json",
      what: "changed",
      lines: [
        { sign: "…", text: "" },
        { sign: " ", text: '  "model": "opus",' },
        { sign: "-", text: '  "env": {}' },
        { sign: "+", text: '  "env": {' },
        { sign: "+", text: '    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8045"' },
        { sign: "+", text: "  }" },
      ],
    },
  ],
  left: [],
  dropped: [],
  notes: ["Sessions that are open go on as they were started."],
  seen: "seen-1",
};
