/** Providers that tell a quota when asked: where, and what their answers mean. */
import * as z from "zod";
import type { Protocol } from "../../../control/protocol.ts";
import type { ProviderId } from "../../providers/ids.ts";
import type { Reading } from "./quota.ts";

export interface QuotaEndpoint {
  /** Whose endpoint the path is behind. */
  readonly protocol: Protocol;
  readonly path: string;
  /**
   * @param theirs `now` by the provider's clock, see `dateOf`
   * @throws ZodError where the answer is not what the provider documents
   */
  read(body: unknown, now: number, theirs: number): Reading[];
}

/** OpenRouter counts days, weeks (from Monday) and months in UTC. */
const openrouterKey = z.looseObject({
  data: z.looseObject({
    limit: z.number().nullish(),
    limit_remaining: z.number().nullish(),
    limit_reset: z.string().nullish(),
  }),
});

const amount = z.union([z.number(), z.string().regex(/^-?\d{1,15}(?:\.\d{1,9})?$/)]).transform(Number);
const deepseekBalance = z.looseObject({
  balance_infos: z.array(z.looseObject({ currency: z.string(), total_balance: amount })).max(10),
});

export const QUOTA_ENDPOINTS: Readonly<Partial<Record<ProviderId, QuotaEndpoint>>> = {
  /** https://openrouter.ai/docs/api/api-reference/api-keys/get-current-key */
  openrouter: {
    protocol: "openai-chat",
    path: "/key",
    read(body, now, theirs) {
      const { limit, limit_remaining: remaining, limit_reset: reset } = openrouterKey.parse(body).data;
      if (typeof limit !== "number" || typeof remaining !== "number") return [];
      const window = WINDOWS[reset ?? ""];
      return [
        {
          name: "credit limit of the key",
          unit: "usd",
          limit,
          remaining,
          ...(window === undefined ? {} : { window, resetAt: now + nextUtc(window, theirs) - theirs }),
        },
      ];
    },
  },

  /** https://api-docs.deepseek.com/api/get-user-balance */
  deepseek: {
    protocol: "openai-chat",
    path: "/user/balance",
    read(body) {
      return deepseekBalance.parse(body).balance_infos.flatMap(({ currency, total_balance }) => {
        const unit = currency === "USD" ? "usd" : currency === "CNY" ? "cny" : undefined;
        return unit === undefined ? [] : [{ name: `balance in ${currency}`, unit, remaining: total_balance }];
      });
    },
  },
};

const WINDOWS: Readonly<Record<string, "day" | "week" | "month">> = {
  daily: "day",
  weekly: "week",
  monthly: "month",
};

function nextUtc(window: "day" | "week" | "month", now: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (window) {
    case "day":
      return Date.UTC(year, month, day + 1);
    case "week":
      return Date.UTC(year, month, day + (7 - ((date.getUTCDay() + 6) % 7)));
    case "month":
      return Date.UTC(year, month + 1, 1);
  }
}
