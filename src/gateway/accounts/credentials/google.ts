/** Google's sign-in as it documents it for desktop apps: https://developers.google.com/identity/protocols/oauth2/native-app */

export interface GoogleEndpoints {
  /** Issuer of its id tokens. */
  readonly issuer: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** https://developers.google.com/identity/protocols/oauth2/native-app#tokenrevoke */
  readonly revocationUrl: string;
}

/** https://accounts.google.com/.well-known/openid-configuration */
export const GOOGLE: GoogleEndpoints = {
  issuer: "https://accounts.google.com",
  authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
  tokenUrl: "https://oauth2.googleapis.com/token",
  revocationUrl: "https://oauth2.googleapis.com/revoke",
};

export const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** Providers that take a Google sign-in. */
export type GoogleProvider = "gemini" | "vertex";
export const isGoogleProvider = (id: string): id is GoogleProvider => id === "gemini" || id === "vertex";

/** What a sign-in needs: https://ai.google.dev/gemini-api/docs/oauth and https://cloud.google.com/vertex-ai/docs/authentication */
export const SCOPES: Readonly<Record<GoogleProvider, readonly string[]>> = {
  gemini: [CLOUD_PLATFORM, "https://www.googleapis.com/auth/generative-language.retriever"],
  vertex: [CLOUD_PLATFORM],
};

/** To tell accounts apart by their address. */
export const IDENTITY_SCOPES = ["openid", "email"] as const;

/** https://developers.google.com/identity/protocols/oauth2#expiration */
export const TESTING_NOTE =
  'While the consent screen of your OAuth client is in "Testing", Google ends each of its sign-ins after 7 days. Publish it ("In production") to stay signed in.';

/** https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations#global-endpoint */
export function vertexBase(project: string): string {
  return `https://aiplatform.googleapis.com/v1/projects/${encodeURIComponent(project)}/locations/global`;
}
