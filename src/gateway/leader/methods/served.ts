/** How a method of the control API is served: its params, checked, and what answers it. */
import type * as z from "zod";
import type { Caller } from "../../controlServer/caller.ts";
import type { Services } from "../services.ts";

export interface Call {
  /** Fires when the caller no longer waits. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
}

export interface ServedMethod<Params, Result> {
  readonly params: z.ZodType<Params>;
  /** Failures with a meaning are `PorticoError`s. */
  run(services: Services, params: Params, call: Call): Result | Promise<Result>;
}

/** One for each method that is declared. @param Methods name -> `[params, result]` */
export type Served<Methods> = {
  readonly [M in keyof Methods]: Methods[M] extends [infer Params, infer Result]
    ? ServedMethod<Params, Result>
    : never;
};
