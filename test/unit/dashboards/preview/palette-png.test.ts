import { expect, it } from "@jest/globals";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { toPalette } from "../../../../dashboards/preview/palette-png.ts";

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
};
const signature = Buffer.from("89504e470d0a1a0a", "hex");
const png = (width: number, lines: readonly (readonly number[])[], colourType = 2): Buffer => {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, lines.length, 8, colourType, 0, 0, 0]);
  const data = deflateSync(Uint8Array.from(lines.flat()));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array())]);
};

/** Pixels of a PNG with a palette and no filters. */
function pixelsOf(bytes: Buffer): readonly string[] {
  const found = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12) {
    found.set(bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const width = found.get("IHDR")!.readUInt32BE(0);
  const palette = found.get("PLTE")!;
  const lines = inflateSync(found.get("IDAT")!);
  return [...lines].flatMap((index, i) =>
    i % (width + 1) === 0 ? [] : [palette.subarray(index * 3, index * 3 + 3).toString("hex")],
  );
}

const red = [255, 0, 0];
const blue = [0, 0, 255];

it.each([
  { name: "none", line: [0, ...red, ...blue] },
  { name: "sub", line: [1, ...red, 1, 0, 255] },
  { name: "up", line: [2, ...red, ...blue] },
  { name: "average", line: [3, ...red, 129, 0, 255] },
  { name: "paeth", line: [4, ...red, 1, 0, 255] },
])("reads the filter $name", ({ line }) => {
  expect(pixelsOf(toPalette(png(2, [line])))).toEqual(["ff0000", "0000ff"]);
});

it("reads filters that look at the line above", () => {
  const lines = [
    [0, ...red, ...blue],
    [2, 0, 0, 0, 0, 0, 0],
    [4, 0, 0, 0, 0, 0, 0],
  ];
  expect(pixelsOf(toPalette(png(2, lines)))).toEqual(["ff0000", "0000ff", "ff0000", "0000ff", "ff0000", "0000ff"]);
});

it("keeps 256 colours and puts the rare ones to the nearest of them", () => {
  const common = Array.from({ length: 256 }, (_, i) => [i, 0, 0]);
  const pixels = [...common, ...common, [7, 1, 0]];
  const result = pixelsOf(
    toPalette(
      png(
        27,
        Array.from({ length: 19 }, (_, y) => [0, ...pixels.slice(y * 27, y * 27 + 27).flat()]),
      ),
    ),
  );
  expect(new Set(result).size).toBe(256);
  expect(result.at(-1)).toBe("070000");
});

it("refuses what it does not read", () => {
  expect(() => toPalette(png(1, [[0, 0, 0, 0, 0]], 6))).toThrow(/8 bits of red, green and blue/);
});
