/** The config file: text in, complete settings or every problem it has out. */
import { isRecord } from "../common/json.ts";
import { percentDecoded } from "../common/percent.ts";
import { type Settings, settingsSchema } from "../settings/settings.ts";
import { describeIssue } from "./describe.ts";
import { type ConfigProblem, type Document, parseDocument } from "./document.ts";
import { type Environment, fillPlaceholders } from "./placeholders.ts";

export type { Environment } from "./placeholders.ts";

export interface LoadedSettings {
  readonly settings: Settings;
  /** The settings that the file says, as `port` and `auth.mode`; the others are defaults. */
  readonly given: ReadonlySet<string>;
  /** Every value that must never be shown. */
  readonly secrets: readonly string[];
}

export type LoadResult =
  | ({ readonly ok: true } & LoadedSettings)
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const MAX_PROBLEMS = 100;

/**
 * Parses and checks the text of a config file: JSON with comments and trailing commas, in whose
 * string values `${env:NAME}` stands for an environment variable and `${file:/PATH}` for what is in a file.
 *
 * All problems are found at once. Values never appear in messages, as they may be secrets.
 */
export function loadSettings(text: string, env: Environment): LoadResult {
  const document = parseDocument(text);
  const problems: ConfigProblem[] = [...document.problems];
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };

  const missing = new Set<string>();
  const { value, fromFiles } = fillPlaceholders(document.value, env, (path, message) => {
    missing.add(JSON.stringify(path));
    problems.push(problemAt(document, path, message));
  });

  const parsed = settingsSchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (missing.has(JSON.stringify(issue.path))) continue;
      for (const { path, message } of describeIssue(issue, value)) {
        problems.push(problemAt(document, path, message, issue.code === "unrecognized_keys"));
      }
    }
  }
  if (problems.length > 0 || !parsed.success) {
    problems.sort((a, b) => a.line - b.line || a.column - b.column);
    return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
  }
  const secrets = [...secretsOf(parsed.data), ...fromFiles];
  return { ok: true, settings: parsed.data, given: namesIn(value), secrets: [...new Set(secrets)] };
}

/** Of a document that holds. */
function namesIn(value: unknown): ReadonlySet<string> {
  const names = Object.entries(isRecord(value) ? value : {}).flatMap(([name, inner]) =>
    isRecord(inner) ? Object.keys(inner).map((field) => `${name}.${field}`) : [name],
  );
  return new Set(names);
}

/** One line per problem: `FILE:LINE:COLUMN field: message`, which terminals and editors turn into links. */
export function formatProblems(file: string, problems: readonly ConfigProblem[]): string[] {
  return problems.map(({ line, column, field, message }) => {
    const place = `${file}:${line}:${column}`;
    return field === "" ? `${place} ${message}` : `${place} ${field}: ${message}`;
  });
}

/** Keys of the gateway and of its accounts; what notices are signed with, receivers of traces know us by, the pool's engine opens by. */
function secretsOf(settings: Settings): string[] {
  const keys = [
    settings.auth.apiKey,
    settings.notify?.secret,
    ...Object.values(settings.telemetry.headers ?? {}),
    settings.pool?.secret,
    ...passwordsIn(settings.pool?.url),
    ...settings.accounts.flatMap(({ credentials, headers }) => [
      credentials?.apiKey,
      ...Object.values(headers ?? {}),
    ]),
  ];
  return keys.filter((key) => key !== undefined);
}

/** As it is written there, and as it is sent. */
function passwordsIn(address: string | undefined): string[] {
  const password = address === undefined ? "" : (URL.parse(address)?.password ?? "");
  return password === "" ? [] : [password, percentDecoded(password)];
}

/** `["accounts", 1, "provider"]` as `accounts[1].provider`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(String(part))) text += text === "" ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}

function problemAt(
  document: Document,
  path: readonly PropertyKey[],
  message: string,
  atKey = false,
): ConfigProblem {
  return { ...document.position(path, atKey), field: formatPath(path), message };
}
