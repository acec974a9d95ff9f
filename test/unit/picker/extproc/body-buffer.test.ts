import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BodyBuffer } from "../../../../picker/extproc/body-buffer.ts";

describe("BodyBuffer", () => {
  it("holds what was appended, whatever length was promised, and not what the chunks became afterwards", () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(20_000), { nil: undefined }),
        fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 12 }),
        (promised, chunks) => {
          const body = new BodyBuffer(promised);
          for (const chunk of chunks) {
            const given = Buffer.from(chunk);
            body.append(given);
            given.fill(0xee);
          }
          expect(body.contents.equals(Buffer.concat(chunks))).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("a promise of more than it may reserve costs a megabyte at most", () => {
    const body = new BodyBuffer(2 ** 40);
    expect(body.contents).toHaveLength(0);
    expect(body.contents.buffer.byteLength).toBeLessThanOrEqual(2 ** 20);
  });

  it("a promise that is kept needs no second buffer", () => {
    const body = new BodyBuffer(10_000);
    body.append(Buffer.alloc(1));
    const { buffer } = body.contents;
    for (let i = 0; i < 9; i++) body.append(Buffer.alloc(1111));
    expect(body.contents).toHaveLength(10_000);
    expect(body.contents.buffer).toBe(buffer);
  });
});
