/** Lists of models as Gemini has them: https://ai.google.dev/api/models#method:-models.list */

import * as z from "zod";
import { compact } from "../../common/json.ts";
import {
  listedCount as count,
  indexOfModel,
  lenient,
  listed,
  listedId,
  type ModelList,
  PAGE_SIZE,
  pageSize,
  type ServedModel,
  listedText as text,
} from "../modelList.ts";

const model = z.object({
  name: listedId,
  displayName: text,
  inputTokenLimit: count,
  outputTokenLimit: count,
  thinking: lenient(z.boolean()),
});
const page = z.object({ models: lenient(z.array(z.unknown())), nextPageToken: text });

/** A larger size is taken for the largest, as Google documents it. */
const LIMIT = { default: 50, most: 1000, clamp: true };

function encodeOne({ id, label = id, contextWindow, maxOutputTokens, traits }: ServedModel) {
  return {
    name: `models/${id}`,
    version: "001",
    displayName: label,
    ...compact({ inputTokenLimit: contextWindow, outputTokenLimit: maxOutputTokens }),
    ...(traits === undefined ? {} : { thinking: traits.reasons }),
    supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
  };
}

/** One page: `pageSize` models (at most 1000, by default 50) from where `pageToken` left off. */
function encode(models: readonly ServedModel[], query: URLSearchParams) {
  const size = pageSize(query, "pageSize", LIMIT);
  const token = query.get("pageToken") ?? "";
  const from = Buffer.from(token, "base64url").toString("utf8");
  const start = token === "" ? 0 : indexOfModel(models, from, "pageToken") + 1;
  const shown = models.slice(start, start + size);
  const last = shown.at(-1);
  const more = last !== undefined && start + size < models.length;
  return {
    models: shown.map(encodeOne),
    ...(more ? { nextPageToken: Buffer.from(last.id, "utf8").toString("base64url") } : {}),
  };
}

export const modelList = {
  path: (cursor?: string) =>
    `/v1beta/models?pageSize=${PAGE_SIZE}${cursor ? `&pageToken=${encodeURIComponent(cursor)}` : ""}`,
  parse: (body) => {
    const { models: entries = [], nextPageToken } = page.parse(body);
    const models = listed(entries, model, (entry) => ({
      id: entry.name.replace(/^models\//, ""),
      label: entry.displayName,
      contextWindow: entry.inputTokenLimit,
      maxOutputTokens: entry.outputTokenLimit,
      traits: entry.thinking === false ? ({ reasons: false, thinking: "none" } as const) : undefined,
    }));
    return nextPageToken === undefined ? { models } : { models, next: nextPageToken };
  },
  encode,
  encodeOne,
} satisfies ModelList;
