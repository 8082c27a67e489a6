/** What `raw-body` asks of `iconv-lite`, by the platform's own decoder: esbuild puts this in that package's place. */

/**
 * A decoder for a body that comes in pieces; a byte order mark is left out.
 * @param charset as a header names it
 * @throws where the platform does not know it, in the words by which `raw-body` answers 415
 */
export function getDecoder(charset: string): { write(bytes: Uint8Array): string; end(): string } {
  const decoder = decoderOf(charset);
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset);
  } catch {
    throw new Error(`Encoding not recognized: '${charset}'`);
  }
}
