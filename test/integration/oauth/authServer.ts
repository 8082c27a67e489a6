/**
 * An authorization server of the tests' own, as strict as the real ones: PKCE, state, redirect, codes
 * that work once, refresh tokens that rotate and whose reuse ends the whole sign-in. Beside it the
 * APIs that take what it grants.
 */
import { createHash, createVerify, generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { GoogleEndpoints } from "../../../src/gateway/accounts/credentials/google.ts";
import { seededSecret } from "../../support/secrets.ts";

export type Consent = "allow" | "deny" | "wrong-state" | "other-scopes" | "no-refresh-token" | "late";

interface Code {
  redirectUri: string;
  challenge: string;
  scope: string;
  used: boolean;
  late: boolean;
}

interface Family {
  /** The one refresh token that works now. */
  current: string;
  revoked: boolean;
}

export interface SeenRequest {
  path: string;
  headers: IncomingMessage["headers"];
}

export class AuthServer {
  /** Every secret that was ever made here. */
  readonly secrets = new Set<string>();
  readonly clientId = "client-1.apps.example.com";
  readonly clientSecret = this.secret("client-secret");
  readonly serviceAccount = serviceAccountKey(this.secrets);
  consent: Consent = "allow";
  /** Who it says it is, where that is not its address. */
  issuer: string | undefined;
  rotate = true;
  /** Who signs in. */
  email = "ada@example.com";
  /** Seconds. */
  lifetime = 3600;
  /** Answers of the token endpoint wait for this. */
  delay: Promise<void> | undefined;
  /** The token endpoint fails with this status. */
  down: number | undefined;
  /** Token requests by grant type. */
  readonly grants: string[] = [];
  /** Kinds of tokens that were given back. */
  readonly revoked: ("known" | "unknown")[] = [];
  /** A refresh token came that had been replaced. */
  reused = 0;
  readonly calls: SeenRequest[] = [];
  readonly #codes = new Map<string, Code>();
  readonly #families = new Map<string, Family>();
  readonly #tokens = new Set<string>();
  readonly #openRouterCodes = new Map<string, string>();
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  });

  secret(kind: string): string {
    const secret = seededSecret(kind);
    this.secrets.add(secret);
    return secret;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get google(): GoogleEndpoints {
    const { base } = this;
    return {
      issuer: this.issuer ?? base,
      authorizationUrl: `${base}/authorize`,
      tokenUrl: `${base}/token`,
      revocationUrl: `${base}/revoke`,
    };
  }

  get openrouter() {
    return { authorizationUrl: `${this.base}/auth`, keysUrl: `${this.base}/api/v1/auth/keys` };
  }

  /** A sign-in from elsewhere. */
  issueRefreshToken(): string {
    const current = this.secret("refresh");
    this.#families.set(current, { current, revoked: false });
    return current;
  }

  issueAccessToken(): string {
    const token = this.secret("access");
    this.#tokens.add(token);
    return token;
  }

  revokeAccessTokens(): void {
    this.#tokens.clear();
  }

  revokeSignIns(): void {
    for (const family of this.#families.values()) family.revoked = true;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.base);
    const body = await bodyOf(request);
    if (url.pathname === "/authorize") this.#authorize(url, response);
    else if (url.pathname === "/token") await this.#token(new URLSearchParams(body), response);
    else if (url.pathname === "/revoke") await this.#revoke(new URLSearchParams(body), response);
    else if (url.pathname === "/auth") this.#openRouterAuth(url, response);
    else if (url.pathname === "/api/v1/auth/keys") await this.#openRouterKey(body, response);
    else this.#api(url, request, response);
  }

  #authorize(url: URL, response: ServerResponse): void {
    const query = Object.fromEntries(url.searchParams);
    const redirect = URL.parse(query.redirect_uri ?? "");
    const wrong =
      query.client_id !== this.clientId ||
      query.response_type !== "code" ||
      query.code_challenge_method !== "S256" ||
      !/^[\w-]{43}$/.test(query.code_challenge ?? "") ||
      (query.state ?? "").length < 20 ||
      query.access_type !== "offline" ||
      redirect?.hostname !== "127.0.0.1";
    if (wrong || redirect === null) {
      response.writeHead(400).end("invalid_request");
      return;
    }
    redirect.searchParams.set(
      "state",
      this.consent === "wrong-state" ? "another-state" : (query.state ?? ""),
    );
    if (this.consent === "deny") {
      redirect.searchParams.set("error", "access_denied");
      redirect.searchParams.set("error_description", "The person said <no>.");
    } else {
      const code = this.secret("code");
      this.#codes.set(code, {
        redirectUri: query.redirect_uri ?? "",
        challenge: query.code_challenge ?? "",
        scope: this.consent === "other-scopes" ? "openid email" : (query.scope ?? ""),
        used: false,
        late: this.consent === "late",
      });
      redirect.searchParams.set("code", code);
      redirect.searchParams.set("iss", this.issuer ?? this.base);
    }
    response.writeHead(302, { location: redirect.href }).end();
  }

  async #token(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const grant = form.get("grant_type") ?? "";
    this.grants.push(grant);
    await this.delay;
    if (this.down !== undefined) {
      response.writeHead(this.down, { "content-type": "text/html" }).end("<h1>down</h1>");
      return;
    }
    if (grant === "urn:ietf:params:oauth:grant-type:jwt-bearer") this.#jwtBearer(form, response);
    else if (form.get("client_id") !== this.clientId || form.get("client_secret") !== this.clientSecret) {
      refuse(response, 401, "invalid_client", "The OAuth client was not found.");
    } else if (grant === "authorization_code") this.#codeGrant(form, response);
    else if (grant === "refresh_token") this.#refreshGrant(form, response);
    else refuse(response, 400, "unsupported_grant_type", grant);
  }

  async #revoke(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const family = this.#families.get(form.get("token") ?? "");
    this.revoked.push(family === undefined ? "unknown" : "known");
    await this.delay;
    if (this.down !== undefined) response.writeHead(this.down, { "content-type": "text/html" }).end("down");
    else if (family === undefined || family.revoked) {
      refuse(response, 400, "invalid_token", "Token expired or revoked");
    } else {
      family.revoked = true;
      response.writeHead(200).end();
    }
  }

  #codeGrant(form: URLSearchParams, response: ServerResponse): void {
    const code = this.#codes.get(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (code === undefined || code.used || code.late) {
      refuse(response, 400, "invalid_grant", "Malformed auth code.");
    } else if (code.redirectUri !== form.get("redirect_uri")) {
      refuse(response, 400, "redirect_uri_mismatch", "Bad Request");
    } else if (code.challenge !== challenge) {
      refuse(response, 400, "invalid_grant", "Invalid code verifier.");
    } else {
      code.used = true;
      const payload = Buffer.from(JSON.stringify({ email: this.email })).toString("base64url");
      const refresh = this.consent === "no-refresh-token" ? {} : { refresh_token: this.issueRefreshToken() };
      this.#grant(response, { scope: code.scope, id_token: `e30.${payload}.sig`, ...refresh });
    }
  }

  #refreshGrant(form: URLSearchParams, response: ServerResponse): void {
    const token = form.get("refresh_token") ?? "";
    const family = this.#families.get(token);
    if (family === undefined || family.revoked) {
      refuse(response, 400, "invalid_grant", "Token has been expired or revoked.");
    } else if (family.current !== token) {
      this.reused++;
      family.revoked = true;
      refuse(response, 400, "invalid_grant", "Token was used before.");
    } else if (this.rotate) {
      family.current = this.secret("refresh");
      this.#families.set(family.current, family);
      this.#grant(response, { refresh_token: family.current });
    } else this.#grant(response, {});
  }

  #jwtBearer(form: URLSearchParams, response: ServerResponse): void {
    const [head = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
    const said = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
    const good =
      createVerify("RSA-SHA256")
        .update(`${head}.${claims}`)
        .verify(this.serviceAccount.publicKey, signature, "base64url") &&
      said.aud === `${this.base}/token` &&
      said.exp - said.iat === 3600 &&
      said.iss === this.serviceAccount.json.client_email;
    if (good) this.#grant(response, {});
    else refuse(response, 400, "invalid_grant", "Invalid JWT Signature.");
  }

  #grant(response: ServerResponse, more: Record<string, string>): void {
    const access_token = this.issueAccessToken();
    json(response, 200, { access_token, token_type: "Bearer", expires_in: this.lifetime, ...more });
  }

  #openRouterAuth(url: URL, response: ServerResponse): void {
    const callback = URL.parse(url.searchParams.get("callback_url") ?? "");
    const challenge = url.searchParams.get("code_challenge");
    if (callback?.hostname !== "localhost" || url.searchParams.get("code_challenge_method") !== "S256") {
      response.writeHead(400).end("bad callback");
      return;
    }
    if (this.consent === "deny") callback.searchParams.set("error", "access_denied");
    else {
      const code = this.secret("code");
      this.#openRouterCodes.set(code, challenge ?? "");
      callback.searchParams.set("code", code);
    }
    response.writeHead(302, { location: callback.href }).end();
  }

  async #openRouterKey(body: string, response: ServerResponse): Promise<void> {
    await this.delay;
    const { code, code_verifier, code_challenge_method } = JSON.parse(body);
    const challenge = createHash("sha256").update(String(code_verifier)).digest("base64url");
    if (this.#openRouterCodes.get(code) !== challenge || code_challenge_method !== "S256") {
      json(response, 403, { error: { code: 403, message: "Invalid code or code_verifier" } });
      return;
    }
    this.#openRouterCodes.delete(code);
    const key = this.issueAccessToken();
    json(response, 200, { key, user_id: "user-1" });
  }

  /** Gemini, Vertex and OpenRouter: one credential exactly. */
  #api(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const { headers } = request;
    this.calls.push({ path: url.pathname, headers });
    const shown = [headers["x-goog-api-key"], headers["x-api-key"], url.searchParams.get("key")];
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    if (shown.some((each) => each != null)) json(response, 400, geminiError(400, "INVALID_ARGUMENT", "two"));
    else if (!this.#tokens.has(token)) {
      json(
        response,
        401,
        geminiError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
      );
    } else if (url.pathname === "/v1beta/models") {
      json(response, 200, {
        models: [{ name: "models/gemini-test", supportedGenerationMethods: ["generateContent"] }],
      });
    } else if (url.pathname.endsWith(":countTokens")) json(response, 200, { totalTokens: 1 });
    else if (url.pathname.endsWith(":generateContent")) {
      const content = { role: "model", parts: [{ text: "hello" }] };
      json(response, 200, { candidates: [{ content, finishReason: "STOP" }] });
    } else if (url.pathname === "/or/key") {
      json(response, 200, { data: { label: "k", limit: 10, limit_remaining: 4 } });
    } else if (url.pathname === "/or/models") json(response, 200, { data: [{ id: "vendor/model" }] });
    else if (url.pathname === "/or/chat/completions") {
      const choices = [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }];
      json(response, 200, {
        id: "c1",
        object: "chat.completion",
        created: 1,
        model: "vendor/model",
        choices,
      });
    } else json(response, 404, geminiError(404, "NOT_FOUND", "no such path"));
  }
}

function serviceAccountKey(secrets: Set<string>) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  secrets.add(private_key.split("\n")[3] ?? "");
  const json = {
    type: "service_account",
    project_id: "project-1",
    private_key_id: "key-1",
    private_key,
    client_email: "robot@project-1.iam.gserviceaccount.com",
  };
  return { json, publicKey };
}

function geminiError(code: number, status: string, message: string) {
  return { error: { code, status, message } };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, error: string, error_description: string): void {
  json(response, status, { error, error_description });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
