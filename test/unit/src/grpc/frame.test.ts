import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { frameHeader, GrpcFrameReader, grpcStatus } from "#grpc";

const framed = (message: Buffer): Buffer => Buffer.concat([frameHeader(message.length), message]);

function drain(reader: GrpcFrameReader): Buffer[] {
  const messages: Buffer[] = [];
  for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(Buffer.from(message));
  return messages;
}

function readAll(reader: GrpcFrameReader, chunks: readonly Buffer[]): Buffer[] {
  return chunks.flatMap((chunk) => {
    reader.push(chunk);
    return drain(reader);
  });
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const next = at + cuts[i % cuts.length]!;
    chunks.push(bytes.subarray(at, next));
    at = next;
  }
  return chunks;
}

const messages = fc.array(
  fc
    .tuple(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 300_000 })), fc.integer())
    .map(([length, seed]) => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) + seed) & 255))),
  { maxLength: 6 },
);
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 100_000 })), {
  minLength: 1,
  maxLength: 10,
});

describe("GrpcFrameReader", () => {
  it("reads the same messages from any split", () => {
    fc.assert(
      fc.property(messages, cuts, (messages, cuts) => {
        const total = messages.reduce((sum, message) => sum + message.length, 0);
        const usable = total > 5000 ? cuts.map((cut) => cut + 500) : cuts;
        const reader = new GrpcFrameReader(400_000);
        const read = readAll(reader, split(Buffer.concat(messages.map(framed)), usable));
        expect(read.length).toBe(messages.length);
        for (let i = 0; i < messages.length; i++) expect(read[i]!.equals(messages[i]!)).toBe(true);
        expect(reader.atBoundary).toBe(true);
        expect(reader.fault).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it("reads a message cut anywhere in two", () => {
    const bytes = Buffer.concat([framed(Buffer.from("first")), framed(Buffer.alloc(0)), framed(Buffer.from("third"))]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new GrpcFrameReader(100);
      const read = readAll(reader, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(read.map(String)).toEqual(["first", "", "third"]);
    }
  });

  it("says whether the end would come within a message", () => {
    const bytes = framed(Buffer.from("whole"));
    for (let length = 1; length < bytes.length; length++) {
      const reader = new GrpcFrameReader(100);
      expect(readAll(reader, split(bytes.subarray(0, length), [3]))).toEqual([]);
      expect(reader.atBoundary).toBe(false);
    }
    expect(new GrpcFrameReader(100).atBoundary).toBe(true);
  });

  it("is not at a boundary while messages wait", () => {
    const reader = new GrpcFrameReader(100);
    reader.push(Buffer.concat([framed(Buffer.from("a")), framed(Buffer.from("b"))]));
    expect(String(reader.next())).toBe("a");
    expect(reader.atBoundary).toBe(false);
    reader.push(framed(Buffer.from("c")));
    expect(drain(reader).map(String)).toEqual(["b", "c"]);
    expect(reader.atBoundary).toBe(true);
  });

  it("gives a view where a message lies in one chunk, and a copy where it does not", () => {
    const reader = new GrpcFrameReader(100);
    const chunk = framed(Buffer.from("view"));
    reader.push(chunk);
    const view = reader.next()!;
    expect(view.buffer).toBe(chunk.buffer);
    chunk.fill(0x7a);
    expect(String(view)).toBe("zzzz");
    const parts = split(framed(Buffer.from("copied")), [8]).map((part) => Buffer.from(part));
    reader.push(parts[0]!);
    expect(reader.next()).toBeUndefined();
    parts[0]!.fill(0);
    reader.push(parts[1]!);
    expect(String(reader.next())).toBe("copied");
  });

  it.each([
    { name: "of the limit", length: 10, fault: undefined },
    { name: "one byte longer", length: 11, fault: grpcStatus.RESOURCE_EXHAUSTED },
    { name: "of four gigabytes", length: 0xffffffff, fault: grpcStatus.RESOURCE_EXHAUSTED },
  ])("a message $name has the fault $fault, from its prefix on", ({ length, fault }) => {
    for (const cut of [1, 2, 4, 5]) {
      const reader = new GrpcFrameReader(10);
      expect(readAll(reader, split(frameHeader(length), [cut]))).toEqual([]);
      expect(reader.fault?.status).toBe(fault);
    }
  });

  it.each([
    { flags: 1, status: grpcStatus.UNIMPLEMENTED },
    { flags: 2, status: grpcStatus.INTERNAL },
    { flags: 255, status: grpcStatus.INTERNAL },
  ])("flags of $flags are the fault $status, behind the good messages", ({ flags, status }) => {
    for (const cut of [1, 100]) {
      const reader = new GrpcFrameReader(10);
      const bytes = Buffer.concat([
        framed(Buffer.from("good")),
        Buffer.from([flags, 0, 0, 0, 0]),
        framed(Buffer.from("x")),
      ]);
      expect(readAll(reader, split(bytes, [cut])).map(String)).toEqual(["good"]);
      expect(reader.fault?.status).toBe(status);
      reader.push(framed(Buffer.from("more")));
      expect(reader.next()).toBeUndefined();
    }
  });

  it("does not allocate what is only announced", () => {
    const announced = 1 << 30;
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 8 }, () => new GrpcFrameReader(announced));
    for (const reader of readers) readAll(reader, [frameHeader(announced), Buffer.from("a little")]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(announced / 8);
  });
});
