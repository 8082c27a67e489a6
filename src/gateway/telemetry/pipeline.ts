/** From finished requests to the receiver: all that is loaded only where there is one. */
import { randomUUID } from "node:crypto";
import { VERSION } from "../common/version.ts";
import { type SpanSources, spansOf } from "./requestSpans.ts";
import { type SenderOptions, SpanSender } from "./sender.ts";
import type { RequestContext, TracedRequest } from "./span.ts";

export interface PipelineOptions extends SenderOptions, SpanSources {}

export function openPipeline(options: PipelineOptions) {
  const resource = {
    "service.name": "portico",
    "service.version": VERSION,
    "service.instance.id": randomUUID(),
    ...options.resource,
  };
  const sender = new SpanSender({ ...options, resource });
  return {
    add: (request: TracedRequest, about: RequestContext) => sender.add(spansOf(request, about, options)),
    flush: (withinMs: number) => sender.flush(withinMs),
  };
}
export type Pipeline = ReturnType<typeof openPipeline>;
