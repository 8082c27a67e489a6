/** From finished requests to the receiver: all that is loaded only where there is one. */
import { randomUUID } from "node:crypto";
import { VERSION } from "../common/version.ts";
import { type SpanSources, spansOf } from "./requestSpans.ts";
import { type SenderOptions, SpanSender } from "./sender.ts";
import type { RequestContext, TracedRequest } from "./span.ts";

export interface PipelineOptions extends SenderOptions, SpanSources {}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #sender: SpanSender;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const resource = {
      "service.name": "portico",
      "service.version": VERSION,
      "service.instance.id": randomUUID(),
      ...options.resource,
    };
    this.#sender = new SpanSender({ ...options, resource });
  }

  add(request: TracedRequest, about: RequestContext): void {
    this.#sender.add(spansOf(request, about, this.#options));
  }

  flush(withinMs: number): Promise<void> {
    return this.#sender.flush(withinMs);
  }
}
