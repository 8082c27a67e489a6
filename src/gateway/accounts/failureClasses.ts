/** The classes of failures: whom each holds back, and where the request goes next. */

export type FailureClass =
  | "credential"
  | "billing"
  | "permission"
  | "model"
  | "too-long"
  | "rate-limit"
  | "quota"
  | "foreign-state"
  | "client"
  | "provider"
  | "overloaded"
  | "network";

/** Who is held back: the account, the account for this model, nobody. */
export type FailureScope = "account" | "account-model" | "none";

/** Where the request goes: the same account again, another account, a target with another model, back. */
export type FailureNext = "retry-account" | "next-account" | "next-target" | "client";

/** What each class does unless a rule says otherwise. */
export const CLASSES: Readonly<
  Record<FailureClass, { readonly scope: FailureScope; readonly next: FailureNext }>
> = {
  credential: { scope: "account", next: "next-account" },
  billing: { scope: "account", next: "next-account" },
  permission: { scope: "account", next: "next-account" },
  model: { scope: "account-model", next: "next-account" },
  "too-long": { scope: "none", next: "next-target" },
  "rate-limit": { scope: "account-model", next: "next-account" },
  quota: { scope: "account-model", next: "next-account" },
  "foreign-state": { scope: "none", next: "retry-account" },
  client: { scope: "none", next: "client" },
  provider: { scope: "none", next: "retry-account" },
  overloaded: { scope: "none", next: "retry-account" },
  network: { scope: "account", next: "next-account" },
};

/** Refusals of an account that cost no time: a pool answers as long as one account can. */
export const IMMEDIATE: ReadonlySet<FailureClass> = new Set([
  "credential",
  "billing",
  "permission",
  "model",
  "rate-limit",
  "quota",
]);
