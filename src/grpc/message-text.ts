const percent = 0x25;
const hex = "0123456789ABCDEF";

const isPlain = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e && byte !== percent;

/**
 * A text as the value of a `grpc-message` entry: UTF-8, with `%` and every byte outside printable ASCII as `%XX`.
 * Source: grpc/doc/PROTOCOL-HTTP2.md, Percent-Encoded.
 */
export function encodeGrpcMessage(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    encoded += isPlain(byte) ? String.fromCharCode(byte) : `%${hex[byte >> 4]!}${hex[byte & 15]!}`;
  }
  return encoded;
}

/** Reads a `grpc-message` entry. Never fails: what is not a valid escape stays as it is, bytes that are not UTF-8 become U+FFFD. */
export function decodeGrpcMessage(encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  const source = Buffer.from(encoded);
  const bytes = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const digits = source[i] === percent ? source.toString("latin1", i + 1, i + 3) : "";
    if (/^[0-9a-fA-F]{2}$/.test(digits)) {
      bytes[length++] = Number.parseInt(digits, 16);
      i += 2;
    } else {
      bytes[length++] = source[i]!;
    }
  }
  return bytes.toString("utf8", 0, length);
}
