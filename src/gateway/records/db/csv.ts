/** Requests as lines of a table, for spreadsheets. */
import type { RequestDetails } from "../../../control/requests.ts";

type Cell = string | number | boolean | undefined;

const COLUMNS: readonly (readonly [head: string, cell: (request: RequestDetails) => Cell])[] = [
  ["time", ({ time }) => new Date(time).toISOString()],
  ["id", ({ id }) => id],
  ["client", ({ client }) => client],
  ["method", ({ method }) => method],
  ["path", ({ path }) => path],
  ["protocol", ({ protocol }) => protocol],
  ["protocol_out", ({ protocolOut }) => protocolOut],
  ["lane", ({ lane }) => lane],
  ["stream", ({ stream }) => stream],
  ["model", ({ model }) => model],
  ["model_used", ({ modelUsed }) => modelUsed],
  ["account", ({ account }) => account],
  ["account_label", ({ accountLabel }) => accountLabel],
  ["status", ({ status }) => status],
  ["outcome", ({ outcome }) => outcome],
  ["error_kind", ({ errorKind }) => errorKind],
  ["error", ({ error }) => error],
  ["attempts", ({ attempts }) => attempts],
  ["failed_over", ({ failedOver }) => failedOver],
  ["first_byte_ms", ({ firstByteMs }) => firstByteMs],
  ["duration_ms", ({ durationMs }) => durationMs],
  ["input_tokens", ({ tokens }) => tokens?.input],
  ["cache_read_tokens", ({ tokens }) => tokens?.cacheRead],
  ["cache_write_tokens", ({ tokens }) => tokens?.cacheWrite],
  ["output_tokens", ({ tokens }) => tokens?.output],
  ["reasoning_tokens", ({ tokens }) => tokens?.reasoning],
  ["tokens_estimated", ({ tokens }) => tokens?.estimated],
  ["cost_usd", ({ cost }) => cost],
  ["bytes_in", ({ bytesIn }) => bytesIn],
  ["bytes_out", ({ bytesOut }) => bytesOut],
  ["session", ({ session }) => session],
  ["warnings", ({ warnings }) => warnings],
];

export const csvHead = (): string => COLUMNS.map(([head]) => head).join(",");

export const csvLine = (request: RequestDetails): string =>
  COLUMNS.map(([, cell]) => quoted(cell(request))).join(",");

/**
 * RFC 4180. What a spreadsheet would take for a formula gets an apostrophe: names come from clients.
 */
function quoted(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
