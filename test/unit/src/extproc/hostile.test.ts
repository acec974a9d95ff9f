import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { CodecError, decodeProcessingRequest, decodeProcessingResponse } from "#extproc";
import { expected, forced, namespacesOf, plain, smallRequest, smallResponse } from "./arbitraries.ts";
import { referenceRequest, referenceResponse, requestType, responseType } from "./reference.ts";
import { lengthPrefixed, rawField, rewriteLevels, type WireField } from "./rewrite.ts";

/** Decodes and reads everything; undefined where the bytes were refused. Any error but CodecError escapes. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

const readRequest = (bytes: Buffer, namespaces: readonly string[]) =>
  forced(decodeProcessingRequest(bytes), namespaces);

/** The bytes in the middle of others, so that a read past the end finds something. */
const surrounded = (bytes: Buffer): Buffer => {
  const around = Buffer.alloc(bytes.length + 64, 0x01);
  bytes.copy(around, 32);
  return around.subarray(32, 32 + bytes.length);
};

const unknownContent: fc.Arbitrary<{ readonly wireType: number; readonly content: Uint8Array }> = fc.oneof(
  fc
    .constantFrom([0x00], [0x96, 0x01], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    .map((content) => ({
      wireType: 0,
      content: Uint8Array.from(content),
    })),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((content) => ({ wireType: 1, content })),
  fc.uint8Array({ maxLength: 20 }).map((content) => ({ wireType: 2, content: lengthPrefixed(content) })),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((content) => ({ wireType: 5, content })),
);
const unknown = fc.record({
  number: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 2 ** 29 - 1 })),
  body: unknownContent,
  grouped: fc.boolean(),
});
const unknowns = fc.infiniteStream(unknown);

function injected(
  type: typeof requestType,
  bytes: Buffer,
  stream: Iterator<{ number: number; body: { wireType: number; content: Uint8Array }; grouped: boolean }>,
): Buffer {
  return rewriteLevels(type, bytes, (fields, isKnown) => {
    const one = (): Buffer => {
      for (;;) {
        const { number, body, grouped } = stream.next().value;
        if (isKnown(number)) continue;
        const field = rawField(number, body.wireType, body.content);
        return grouped ? Buffer.concat([rawField(number, 3, field), rawField(number, 4, Buffer.alloc(0))]) : field;
      }
    };
    return [one(), ...fields.flatMap(({ bytes: field }) => [field, one()])];
  });
}

/** One content for each wire type that a reader can get past. */
const otherContent: { readonly [wireType: number]: Buffer } = {
  0: Buffer.from([0x01]),
  1: Buffer.alloc(8, 1),
  2: Buffer.from([0x00]),
  5: Buffer.alloc(4, 1),
};

/** Every message that differs from `bytes` in the wire type of one known field. */
function* mistyped(type: typeof requestType, bytes: Buffer): Generator<Buffer> {
  let count = 1;
  for (let target = 0; target < count; target++) {
    for (const wireType of [0, 1, 2, 5, 3, 4, 6, 7]) {
      let seen = 0;
      let wasSame = false;
      const changed = rewriteLevels(type, bytes, (fields, isKnown) =>
        fields.map((field: WireField) => {
          if (!isKnown(field.number) || seen++ !== target) return field.bytes;
          wasSame = field.wireType === wireType;
          return rawField(field.number, wireType, otherContent[wireType] ?? Buffer.alloc(0));
        }),
      );
      count = seen;
      if (seen > target && !wasSame) yield changed;
    }
  }
}

const flips = fc.array(fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }), {
  minLength: 1,
  maxLength: 8,
});
const variants = fc.array(flips, { minLength: 20, maxLength: 20 });

const flipped = (bytes: Buffer, changes: readonly { readonly at: number; readonly bits: number }[]): Buffer => {
  const copy = Buffer.from(bytes);
  for (const { at, bits } of changes) if (copy.length > 0) copy[at % copy.length]! ^= bits;
  return copy;
};

describe("hostile ProcessingRequest", () => {
  it("cut short anywhere is decoded or refused", () => {
    fc.assert(
      fc.property(smallRequest, (sent) => {
        const bytes = referenceRequest(sent);
        for (let length = 0; length < bytes.length; length++) {
          attempt(() => readRequest(surrounded(bytes.subarray(0, length)), namespacesOf(sent)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("with flipped bytes is decoded or refused", () => {
    fc.assert(
      fc.property(smallRequest, variants, (sent, all) => {
        const bytes = referenceRequest(sent);
        for (const changes of all) {
          attempt(() => readRequest(surrounded(flipped(bytes, changes)), namespacesOf(sent)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("of random bytes is decoded or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        attempt(() => readRequest(surrounded(Buffer.from(bytes)), [""]));
      }),
      { numRuns: 1000 },
    );
  });

  it("with unknown fields at every level is decoded as without them", () => {
    fc.assert(
      fc.property(smallRequest, unknowns, (sent, stream) => {
        const bytes = injected(requestType, referenceRequest(sent), stream);
        expect(plain(readRequest(bytes, namespacesOf(sent)))).toEqual(plain(expected(sent)));
      }),
      { numRuns: 100 },
    );
  });

  it("with a known field of another wire type is refused", () => {
    fc.assert(
      fc.property(smallRequest, (sent) => {
        for (const bytes of mistyped(requestType, referenceRequest(sent))) {
          expect(attempt(() => readRequest(bytes, namespacesOf(sent)))).toBeUndefined();
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("hostile ProcessingResponse", () => {
  it("cut short anywhere is decoded or refused", () => {
    fc.assert(
      fc.property(smallResponse, (sent) => {
        const bytes = referenceResponse(sent);
        for (let length = 0; length < bytes.length; length++) {
          attempt(() => decodeProcessingResponse(surrounded(bytes.subarray(0, length))));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("with flipped bytes is decoded or refused", () => {
    fc.assert(
      fc.property(smallResponse, variants, (sent, all) => {
        const bytes = referenceResponse(sent);
        for (const changes of all) {
          attempt(() => decodeProcessingResponse(surrounded(flipped(bytes, changes))));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("of random bytes is decoded or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        attempt(() => decodeProcessingResponse(surrounded(Buffer.from(bytes))));
      }),
      { numRuns: 1000 },
    );
  });

  it("with unknown fields at every level is decoded as without them", () => {
    fc.assert(
      fc.property(smallResponse, unknowns, (sent, stream) => {
        const bytes = injected(responseType, referenceResponse(sent), stream);
        expect(plain(decodeProcessingResponse(bytes))).toEqual(plain(sent));
      }),
      { numRuns: 100 },
    );
  });

  it("with a known field of another wire type is refused", () => {
    fc.assert(
      fc.property(smallResponse, (sent) => {
        for (const bytes of mistyped(responseType, referenceResponse(sent))) {
          expect(attempt(() => decodeProcessingResponse(bytes))).toBeUndefined();
        }
      }),
      { numRuns: 20 },
    );
  });
});
