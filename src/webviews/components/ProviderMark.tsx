/** A small mark per provider, of one colour and drawn here: none of them is anybody's logo. A name stands beside it. */

/** Provider's id -> lines on 16 by 16. */
const MARKS: Readonly<Record<string, string>> = {
  openai: "M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM8 5.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8z",
  anthropic: "M2.5 13L8 2.8 13.5 13M5 9.4h6",
  gemini: "M3 2.5c3 1.6 7 1.6 10 0M3 13.5c3-1.6 7-1.6 10 0M6 3.5v9M10 3.5v9",
  openrouter: "M1.5 8H5c3.5 0 3-4 6.5-4H14M5 8c3.5 0 3 4 6.5 4H14M12 2l2 2-2 2M12 10l2 2-2 2",
  deepseek: "M1.5 5c2.2-2.2 4.3-2.2 6.5 0s4.3 2.2 6.5 0M8 8v6M5 11l3 3 3-3",
  groq: "M9.2 1.5L3.5 9H8l-1.2 5.5L12.5 7H8z",
  mistral: "M1.5 6h8a2 2 0 1 0-2-2M1.5 8.5h11a2 2 0 1 1-2 2M1.5 11h5.5",
  xai: "M3 3l10 10M13 3L9.4 6.6M6.6 9.4L3 13",
  zai: "M3.5 3.2h9l-9 9.6h9",
  moonshot: "M12.8 10A5.6 5.6 0 1 1 6 3.2a4.6 4.6 0 0 0 6.8 6.8z",
  "azure-openai": "M4.5 12.5a3 3 0 0 1-.4-6 4 4 0 0 1 7.7-.4 3.2 3.2 0 0 1-.3 6.4z",
  vertex: "M2 3.5L8 13l6-9.5M8 13V8M5.5 3.5h5",
  ollama: "M5 14V6.8a3 3 0 0 1 6 0V14M5.4 4.6V1.8M10.6 4.6V1.8M7 8v.6M9 8v.6",
  lmstudio: "M2.5 3.5H9M5.5 8h8M2.5 12.5h6",
  vllm: "M1.5 3.5L5.5 12.5l4-9M11.5 3.5v9M14.2 3.5v9",
  custom: "M2.5 2.8h11v4.4h-11zM2.5 8.8h11v4.4h-11zM5 5h.6M5 11h.6",
  sandbox: "M8 2l5.5 2.8v6.4L8 14l-5.5-2.8V4.8zM2.5 4.8L8 7.8l5.5-3M8 7.8V14",
};

/** @param label of the provider: its first letter stands for one that has no mark */
export function ProviderMark({ provider, label = provider }: { provider: string; label?: string }) {
  const lines = Object.hasOwn(MARKS, provider) ? MARKS[provider] : undefined;
  return (
    <svg class="provider-mark" viewBox="0 0 16 16" aria-hidden="true" data-provider={provider}>
      {lines !== undefined ? (
        <path d={lines} />
      ) : (
        <>
          <rect x="1.5" y="1.5" width="13" height="13" rx="3" />
          <text x="8" y="11.4" text-anchor="middle">
            {label.trim().slice(0, 1).toLocaleUpperCase()}
          </text>
        </>
      )}
    </svg>
  );
}
