import { crc32, deflateSync, inflateSync } from "node:zlib";
import { CodedError } from "#errors";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const paletteSize = 256;
const frequentColours = 128;

/** Pixels of red, green and blue, a byte each, line by line. */
type Pixels = { readonly width: number; readonly height: number; readonly rgb: Uint8Array };

function* chunksOf(png: Buffer): Generator<{ readonly type: string; readonly data: Buffer }> {
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

/** The predictor of PNG's fourth filter. Source: PNG specification, 9.4. */
function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function unfiltered(bytes: Buffer, { width, height }: { readonly width: number; readonly height: number }): Uint8Array {
  const stride = width * 3;
  const rgb = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = bytes[y * (stride + 1)]!;
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const a = i < 3 ? 0 : rgb[at - 3]!;
      const b = y === 0 ? 0 : rgb[at - stride]!;
      const c = i < 3 || y === 0 ? 0 : rgb[at - stride - 3]!;
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter]!;
      rgb[at] = bytes[y * (stride + 1) + 1 + i]! + guess;
    }
  }
  return rgb;
}

/** @throws CodedError for any PNG but 8 bits of red, green and blue, not interlaced: what Chromium's screenshots are */
function decode(png: Buffer): Pixels {
  const chunks = [...chunksOf(png)];
  const header = chunks.find(({ type }) => type === "IHDR")?.data;
  if (header === undefined || header[8] !== 8 || header[9] !== 2 || header[12] !== 0) {
    throw new CodedError({ code: "PNG" }, "the screenshot is no PNG with 8 bits of red, green and blue");
  }
  const size = { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  return { ...size, rgb: unfiltered(inflateSync(packed), size) };
}

const colourAt = (rgb: Uint8Array, pixel: number): number =>
  (rgb[pixel * 3]! << 16) | (rgb[pixel * 3 + 1]! << 8) | rgb[pixel * 3 + 2]!;

function distance(a: number, b: number): number {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)];
  return red * red + green * green + blue * blue;
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  for (let i = 1; i < palette.length; i++) {
    if (distance(palette[i]!, colour) < distance(palette[best]!, colour)) best = i;
  }
  return best;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The most frequent colours, and those of the rest that would be missed most: many pixels, and far from all others. */
function paletteOf(counts: ReadonlyMap<number, number>): readonly number[] {
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const palette = byCount.slice(0, frequentColours).map(([colour]) => colour);
  const rest = byCount.slice(frequentColours).map(([colour, count]) => {
    return { colour, count, far: distance(palette[nearest(palette, colour)]!, colour) };
  });
  while (palette.length < paletteSize && rest.length > 0) {
    const missed = rest.reduce((most, one) => (one.count * one.far > most.count * most.far ? one : most));
    if (missed.far === 0) break;
    palette.push(missed.colour);
    for (const one of rest) one.far = Math.min(one.far, distance(missed.colour, one.colour));
  }
  return palette;
}

/** The same picture in 256 colours, a third of the size: text and lines have few. */
export function toPalette(png: Buffer): Buffer {
  const { width, height, rgb } = decode(png);
  const counts = new Map<number, number>();
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = colourAt(rgb, pixel);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(counts);
  const indexOf = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  const lines = Buffer.alloc((width + 1) * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    lines[pixel + Math.floor(pixel / width) + 1] = indexOf.get(colourAt(rgb, pixel))!;
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const colours = Uint8Array.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}
