/** What a budget counts. */
export const BUDGET_UNITS = ["tokens", "requests", "usd"] as const;
export type BudgetUnit = (typeof BUDGET_UNITS)[number];
