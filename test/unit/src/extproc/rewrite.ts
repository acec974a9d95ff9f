import protobuf from "protobufjs";

/** One field as it stands in the bytes. `type` is set for a field that holds a message. */
export type WireField = {
  readonly number: number;
  readonly wireType: number;
  /** The field's bytes with its tag. */
  readonly bytes: Buffer;
  /** The content of a length-delimited field. */
  readonly content: Buffer;
  readonly type: Level | undefined;
};

/** What the schema knows of one message, a map's entry included. */
type Level = { readonly known: ReadonlyMap<number, Level | undefined> };

const levels = new Map<protobuf.Type, Level>();

function levelOf(type: protobuf.Type): Level {
  const cached = levels.get(type);
  if (cached !== undefined) return cached;
  const known = new Map<number, Level | undefined>();
  const level = { known };
  levels.set(type, level);
  for (const field of type.fieldsArray) {
    const inner = field.resolvedType instanceof protobuf.Type ? levelOf(field.resolvedType) : undefined;
    known.set(
      field.id,
      field instanceof protobuf.MapField
        ? {
            known: new Map([
              [1, undefined],
              [2, inner],
            ]),
          }
        : inner,
    );
  }
  return level;
}

function fieldsOf(level: Level, bytes: Buffer): readonly WireField[] {
  const reader = protobuf.Reader.create(bytes);
  const fields: WireField[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const contentStart = reader.pos;
    reader.skipType(tag & 7);
    const content = (tag & 7) === 2 ? protobuf.Reader.create(bytes.subarray(contentStart)).bytes() : [];
    fields.push({
      number: tag >>> 3,
      wireType: tag & 7,
      bytes: bytes.subarray(start, reader.pos),
      content: Buffer.from(content),
      type: level.known.get(tag >>> 3),
    });
  }
  return fields;
}

/** A field of any number and wire type; `content` is what stands after the tag. */
export const rawField = (number: number, wireType: number, content: Uint8Array): Buffer =>
  Buffer.concat([
    protobuf.Writer.create()
      .uint32(((number << 3) | wireType) >>> 0)
      .finish(),
    content,
  ]);

export const lengthPrefixed = (content: Uint8Array): Buffer =>
  Buffer.from(protobuf.Writer.create().bytes(content).finish());

/**
 * Writes a message anew, each level's fields through `rewrite`, innermost first. `rewrite` gets the fields of one level
 * and whether a number is known at that level.
 */
export function rewriteLevels(
  type: protobuf.Type,
  bytes: Buffer,
  rewrite: (fields: readonly WireField[], isKnown: (number: number) => boolean) => readonly Buffer[],
): Buffer {
  const level = (of: Level, content: Buffer): Buffer => {
    const fields = fieldsOf(of, content).map((field) => {
      if (field.type === undefined) return field;
      const inner = level(field.type, field.content);
      const { number, wireType, type } = field;
      return { number, wireType, type, content: inner, bytes: rawField(number, 2, lengthPrefixed(inner)) };
    });
    return Buffer.concat(rewrite(fields, (number) => of.known.has(number)));
  };
  return level(levelOf(type), bytes);
}
