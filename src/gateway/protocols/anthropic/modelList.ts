/** Lists of models as Anthropic has them: https://platform.claude.com/docs/en/api/models-list */
import * as z from "zod";
import { badRequest } from "../../common/errors.ts";
import {
  CLAUDE_ALIAS,
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
import { capabilitiesOf, capabilitiesSchema, traitsByCapabilities } from "./capabilities.ts";

const model = z.object({
  id: listedId,
  display_name: text,
  created_at: lenient(z.iso.datetime({ offset: true })),
  max_input_tokens: count,
  max_tokens: count,
  capabilities: lenient(capabilitiesSchema.nullable()),
});
const page = z.object({
  data: z.array(z.unknown()),
  has_more: lenient(z.boolean()),
  last_id: lenient(z.string()),
});

const LIMIT = { default: 20, most: 1000 };

function encodeOne({ id, label = id, created = 0, contextWindow, maxOutputTokens, traits }: ServedModel) {
  return {
    type: "model" as const,
    id,
    display_name: label,
    // RFC 3339; the epoch where nobody says, as the documentation has it.
    created_at: new Date(created * 1000).toISOString().replace(".000Z", "Z"),
    max_input_tokens: contextWindow ?? null,
    max_tokens: maxOutputTokens ?? null,
    capabilities: traits === undefined ? null : capabilitiesOf(traits),
    deprecated_at: null,
    lifecycle: "active" as const,
    line: null,
    retires_at: null,
  };
}

/**
 * A route's name that is none of Claude's has one that Claude Code takes, behind its own; one that was made for it says what
 * it stands for.
 */
function withAlias(model: ServedModel, taken: ReadonlySet<string>): ServedModel[] {
  const { id, leadsTo } = model;
  if (leadsTo === undefined) return [model];
  if (id.startsWith(CLAUDE_ALIAS))
    return [{ ...model, label: `${id.slice(CLAUDE_ALIAS.length)} → ${leadsTo}` }];
  if (/^(?:claude|anthropic)/.test(id) || taken.has(`${CLAUDE_ALIAS}${id}`)) return [model];
  return [model, { ...model, id: `${CLAUDE_ALIAS}${id}`, label: `${id} → ${leadsTo}` }];
}

/** One page: `limit` models (1 to 1000, by default 20) behind `after_id`, or those just before `before_id`. */
function encode(served: readonly ServedModel[], query: URLSearchParams) {
  const ids = new Set(served.map(({ id }) => id));
  const models = served.flatMap((model) => withAlias(model, ids));
  const limit = pageSize(query, "limit", LIMIT);
  const [after, before] = [query.get("after_id"), query.get("before_id")];
  if (after !== null && before !== null)
    throw badRequest("after_id and before_id exclude each other", "before_id");
  let start = 0;
  let end: number;
  if (before !== null) {
    end = indexOfModel(models, before, "before_id");
    start = Math.max(0, end - limit);
  } else {
    if (after !== null) start = indexOfModel(models, after, "after_id") + 1;
    end = Math.min(models.length, start + limit);
  }
  const data = models.slice(start, end).map(encodeOne);
  return {
    data,
    has_more: before === null ? end < models.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

export const modelList = {
  path: (cursor?: string) =>
    `/v1/models?limit=${PAGE_SIZE}${cursor ? `&after_id=${encodeURIComponent(cursor)}` : ""}`,
  parse: (body) => {
    const { data, has_more, last_id } = page.parse(body);
    const models = listed(data, model, (entry) => {
      const created = entry.created_at === undefined ? 0 : Math.floor(Date.parse(entry.created_at) / 1000);
      return {
        id: entry.id,
        label: entry.display_name,
        // The documentation gives an epoch value where the date is not known.
        created: created > 0 ? created : undefined,
        contextWindow: entry.max_input_tokens,
        maxOutputTokens: entry.max_tokens,
        traits: entry.capabilities ? traitsByCapabilities(entry.capabilities) : undefined,
      };
    });
    return has_more === true && last_id !== undefined ? { models, next: last_id } : { models };
  },
  encode,
  encodeOne,
} satisfies ModelList;
