import { describe, expect, it } from "vitest";
import type { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { SKIP_SIGNATURE } from "../../../../src/gateway/protocols/gemini/signature.ts";
import { decode } from "./helpers.ts";

function refusal(body: unknown): PorticoError {
  try {
    decode(body);
  } catch (thrown) {
    return thrown as PorticoError;
  }
  throw new Error("was accepted");
}

const user = (text: string) => ({ role: "user", parts: [{ text }] });

describe("decoding a request", () => {
  it("reads contents, system instruction, settings and tools", () => {
    const request = decode({
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [user("Hi"), { role: "model", parts: [{ text: "Hello" }] }, user("Weather?")],
      tools: [
        {
          functionDeclarations: [
            { name: "a", description: "A", parametersJsonSchema: { type: "object" } },
            {
              name: "b",
              parameters: { type: "OBJECT", properties: { x: { type: "STRING", nullable: true } } },
            },
          ],
        },
        { googleSearch: {} },
        { urlContext: {} },
        { codeExecution: {} },
        { computerUse: { environment: "ENVIRONMENT_BROWSER" } },
        { somethingNew: { x: 1 } },
      ],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["a", "b"] } },
      generationConfig: {
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        candidateCount: 2,
        maxOutputTokens: 100,
        stopSequences: ["END"],
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        seed: 7,
        responseLogprobs: true,
        logprobs: 3,
        responseMimeType: "application/json",
        responseJsonSchema: { type: "object" },
        responseModalities: ["TEXT", "IMAGE"],
        thinkingConfig: { includeThoughts: true, thinkingLevel: "LOW" },
        mediaResolution: "MEDIA_RESOLUTION_LOW",
      },
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      cachedContent: "cachedContents/1",
      labels: { team: "a" },
      serviceTier: "flex",
    });
    expect(request).toMatchObject({
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be brief." }] },
        { role: "user", parts: [{ type: "text", text: "Hi" }] },
        { role: "assistant", parts: [{ type: "text", text: "Hello" }] },
        { role: "user", parts: [{ type: "text", text: "Weather?" }] },
      ],
      toolChoice: { type: "allowed", mode: "required", names: ["a", "b"] },
      sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 7, logprobs: { top: 3 } },
      n: 2,
      maxOutputTokens: 100,
      stop: ["END"],
      responseFormat: { type: "json-schema", schema: { type: "object" } },
      modalities: ["text", "image"],
      reasoning: { effort: "low", show: true },
      cachedContent: "cachedContents/1",
      metadata: { team: "a" },
      serviceTier: "flex",
      extra: {
        protocol: "gemini",
        fields: {
          safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
          generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW" },
        },
      },
    });
    expect(request.tools.map((tool) => ("kind" in tool ? tool.kind : tool.name))).toEqual([
      "a",
      "b",
      "web_search",
      "web_fetch",
      "code_execution",
      "computer",
      "other",
    ]);
    expect(request.tools[1]).toHaveProperty("parameters", {
      type: "object",
      properties: { x: { type: ["string", "null"] } },
    });
  });

  it("takes snake_case, single values for lists, null for absent, numbers as strings", () => {
    const request = decode({
      system_instruction: { parts: { text: "S" } },
      contents: { parts: { inline_data: { mime_type: "image/png", data: "AA==" } } },
      tools: { function_declarations: { name: "f", parameters_json_schema: { my_key: 1 } } },
      tool_config: { function_calling_config: { mode: "any", allowed_function_names: ["f"] } },
      generation_config: { max_output_tokens: "12", top_k: null, thinking_config: { thinking_budget: -1 } },
      cached_content: null,
    });
    expect(request).toMatchObject({
      messages: [
        { role: "system", parts: [{ text: "S" }] },
        { role: "user", parts: [{ type: "image", source: { mediaType: "image/png", data: "AA==" } }] },
      ],
      tools: [{ name: "f", parameters: { my_key: 1 } }],
      toolChoice: { type: "tool", name: "f" },
      maxOutputTokens: 12,
      sampling: {},
      reasoning: { budgetTokens: -1 },
    });
    expect(request.cachedContent).toBeUndefined();
  });

  it("leaves the names inside arguments, results and schemas alone", () => {
    const request = decode({
      contents: [
        user("go"),
        {
          role: "model",
          parts: [{ functionCall: { name: "f", args: { snake_case: { inline_data: null } } } }],
        },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { my_value: null } } }] },
      ],
    });
    expect(request.messages[1]?.parts[0]).toHaveProperty("input", '{"snake_case":{"inline_data":null}}');
    expect(request.messages[2]?.parts[0]).toHaveProperty("content", [
      { type: "text", text: '{"my_value":null}' },
    ]);
  });

  it("gives ids to calls without one and finds the call of each result by name and order", () => {
    const request = decode({
      contents: [
        user("go"),
        {
          role: "model",
          parts: [
            { functionCall: { name: "f", args: { n: 1 } }, thoughtSignature: "c2ln" },
            { functionCall: { name: "g" } },
            { functionCall: { name: "f", args: { n: 2 } } },
          ],
        },
        {
          role: "user",
          parts: [
            { functionResponse: { name: "f", response: { output: "one" } } },
            { functionResponse: { name: "f", response: { output: "two" } } },
            { functionResponse: { name: "g", response: { error: "no" } } },
            { text: "and now?" },
          ],
        },
      ],
    });
    const [, call, results, after] = request.messages;
    const ids = call?.parts.map((part) => ("callId" in part ? part.callId : ""));
    expect(new Set(ids).size).toBe(3);
    expect(call?.parts[0]).toHaveProperty("signature", {
      protocol: "gemini",
      kind: "signature",
      data: "c2ln",
    });
    expect(call?.parts[1]).toHaveProperty("input", "{}");
    expect(results?.parts).toMatchObject([
      { callId: ids?.[0], content: [{ text: "one" }] },
      { callId: ids?.[2], content: [{ text: "two" }] },
      { callId: ids?.[1], content: [{ text: "no" }], isError: true },
    ]);
    expect(after).toEqual({ role: "user", parts: [{ type: "text", text: "and now?" }] });
  });

  it("matches results by id where there are ids", () => {
    const request = decode({
      contents: [
        user("go"),
        {
          role: "model",
          parts: [{ functionCall: { id: "x", name: "f" } }, { functionCall: { id: "y", name: "f" } }],
        },
        {
          role: "user",
          parts: [
            {
              functionResponse: {
                id: "y",
                name: "f",
                response: { output: "Y" },
                parts: [{ inlineData: { mimeType: "image/png", data: "AA==" } }],
              },
            },
            { functionResponse: { id: "x", name: "f", response: {} } },
          ],
        },
      ],
    });
    expect(request.messages[2]?.parts).toMatchObject([
      { callId: "y", content: [{ type: "text", text: "Y" }, { type: "image" }] },
      { callId: "x", content: [] },
    ]);
  });

  it("reads thoughts, files, media, code execution and what it does not know", () => {
    const request = decode({
      contents: [
        {
          role: "user",
          parts: [
            { fileData: { mimeType: "application/pdf", fileUri: "https://example.com/a.pdf" } },
            {
              fileData: {
                fileUri: "https://generativelanguage.googleapis.com/v1beta/files/x",
                mimeType: "audio/mp3",
              },
            },
            { fileData: { fileUri: "https://youtu.be/abc" }, videoMetadata: { fps: 1 } },
            { inlineData: { mimeType: "audio/wav", data: "AA==" } },
            { brandNew: { a: 1 } },
          ],
        },
        {
          role: "model",
          parts: [
            { text: "hm", thought: true, thoughtSignature: "c2ln" },
            { executableCode: { language: "PYTHON", code: "1+1" } },
            { codeExecutionResult: { outcome: "OUTCOME_FAILED", output: "no" } },
            { inlineData: { mimeType: "image/png", data: "AA==" }, thoughtSignature: "aW1n" },
            { text: "done", thoughtSignature: SKIP_SIGNATURE },
          ],
        },
      ],
    });
    expect(request.messages[0]?.parts).toMatchObject([
      { type: "document", source: { kind: "url", url: "https://example.com/a.pdf" } },
      { type: "audio", source: { kind: "file", protocol: "gemini" } },
      { type: "video", source: { kind: "url" } },
      { type: "audio", source: { kind: "base64" } },
      { type: "provider", protocol: "gemini", raw: { brandNew: { a: 1 } } },
    ]);
    expect(request.messages[1]?.parts).toMatchObject([
      { type: "reasoning", text: "hm", signature: { data: "c2ln" } },
      { type: "provider-tool", phase: "call", tool: "code_execution" },
      { type: "provider-tool", phase: "result", output: "no", isError: true },
      { type: "image", signature: { data: "aW1n" } },
      { type: "text", text: "done" },
    ]);
    expect(request.messages[1]?.parts[4]).not.toHaveProperty("signature");
    expect(request.extra?.fields).toHaveProperty(["contents[0].parts[2].videoMetadata"]);
  });

  it.each([
    [undefined, undefined],
    [{ mode: "AUTO" }, { type: "auto" }],
    [{ mode: "NONE" }, { type: "none" }],
    [{ mode: "ANY" }, { type: "required" }],
    [
      { mode: "ANY", allowedFunctionNames: ["f"] },
      { type: "tool", name: "f" },
    ],
    [{ mode: "VALIDATED" }, { type: "auto" }],
    [
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
      { type: "allowed", mode: "auto", names: ["f"] },
    ],
  ])("reads the calling mode %j", (functionCallingConfig, choice) => {
    expect(decode({ contents: [user("x")], toolConfig: { functionCallingConfig } }).toolChoice).toEqual(
      choice,
    );
  });

  it.each([
    [null, undefined],
    [[], undefined],
    [{}, "contents"],
    [{ contents: "hi" }, "contents"],
    [{ contents: [{ role: "user", parts: [{ text: 5 }] }] }, "contents[0].parts[0].text"],
    [
      { contents: [user("x"), { parts: [{ functionCall: { args: {} } }] }] },
      "contents[1].parts[0].functionCall.name",
    ],
    [{ contents: [user("x")], generationConfig: { temperature: "hot" } }, "generationConfig.temperature"],
    [
      { contents: [user("x")], tools: [{ functionDeclarations: [{}] }] },
      "tools[0].functionDeclarations[0].name",
    ],
  ])("refuses %j naming the field", (body, field) => {
    const error = refusal(body);
    expect(error.kind).toBe("invalid_request");
    expect(error.field).toBe(field);
    if (field !== undefined) expect(error.message).toContain(field);
  });
});
