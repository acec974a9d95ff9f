const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
/** Longer events, and longer texts, are read anew. */
const maxTemplateBytes = 4096;

/**
 * The last event that carried a text, such as a token's. Most events of a stream repeat it byte for byte around another
 * text, so they mean the same, and comparing bytes takes less time than reading them.
 */
export class EventTemplate {
  #bytes: Buffer = Buffer.alloc(0);
  /** Bytes up to the text, and bytes in all without the text; 0 before anything was learnt. */
  #prefixLength = 0;
  #length = 0;

  /** Takes the event from `start` to `end`, blank line included, with its text from `textStart` to `textEnd`. */
  learn(bytes: Buffer, start: number, end: number, textStart: number, textEnd: number): void {
    const length = end - start - (textEnd - textStart);
    if (length > maxTemplateBytes) return;
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(Math.max(512, length));
    this.#prefixLength = textStart - start;
    this.#length = length;
    bytes.copy(this.#bytes, 0, start, textStart);
    bytes.copy(this.#bytes, this.#prefixLength, textEnd, end);
  }

  /** The offset behind the event at `at` if it is the known one around some text that is not empty; else -1. */
  match(bytes: Buffer, at: number): number {
    const known = this.#bytes;
    const prefixLength = this.#prefixLength;
    const length = this.#length;
    if (length === 0 || bytes.length - at <= length) return -1;
    for (let i = 0; i < prefixLength; i++) if (bytes[at + i] !== known[i]) return -1;
    const text = at + prefixLength;
    const close = closingQuote(bytes, text);
    if (close <= text || bytes.length - close < length - prefixLength) return -1;
    const shift = close - prefixLength;
    for (let i = prefixLength; i < length; i++) if (bytes[shift + i] !== known[i]) return -1;
    return shift + length;
  }
}

/** Index of the quote behind the text at `from`; -1 when there is none nearby or the line ends before it. */
function closingQuote(bytes: Buffer, from: number): number {
  const end = Math.min(bytes.length, from + maxTemplateBytes);
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === quote) return at;
    if (byte < firstPrintable) return -1;
    if (byte === backslash && bytes[++at]! < firstPrintable) return -1;
    at++;
  }
  return -1;
}
