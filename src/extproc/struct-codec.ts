import type { JsonObject, JsonValue } from "./struct.ts";
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Objects and lists inside each other, counted from the outermost Struct. */
const maxDepth = 64;

const tooDeep = `values nested deeper than ${maxDepth}`;

/** Reads the fields of a google.protobuf.Struct up to the reader's end. A later key replaces an earlier one. */
export function readStruct(reader: WireReader, path: string, depth: number = 1): JsonObject {
  if (depth > maxDepth) reader.fail(path, tooDeep);
  const object: Record<string, JsonValue> = {};
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 !== 1) {
      reader.skip(tag, path);
      continue;
    }
    const outerEnd = reader.enter(tag, path);
    readField(reader, path, depth, object);
    reader.leave(outerEnd);
  }
  return object;
}

function readField(reader: WireReader, path: string, depth: number, object: Record<string, JsonValue>): void {
  let key = "";
  let value: JsonValue = null;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) key = reader.text(tag, path);
    else if (tag >>> 3 === 2) {
      const outerEnd = reader.enter(tag, path);
      value = readValue(reader, path, depth);
      reader.leave(outerEnd);
    } else reader.skip(tag, path);
  }
  // A plain assignment to this key would set the prototype.
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else object[key] = value;
}

/** A value without a kind is null. */
function readValue(reader: WireReader, path: string, depth: number): JsonValue {
  let value: JsonValue = null;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    switch (tag >>> 3) {
      case 1:
        reader.varint(tag, path);
        value = null;
        break;
      case 2:
        value = reader.double(tag, path);
        break;
      case 3:
        value = reader.text(tag, path);
        break;
      case 4:
        value = reader.bool(tag, path);
        break;
      case 5:
      case 6: {
        const outerEnd = reader.enter(tag, path);
        value = tag >>> 3 === 5 ? readStruct(reader, path, depth + 1) : readList(reader, path, depth + 1);
        reader.leave(outerEnd);
        break;
      }
      default:
        reader.skip(tag, path);
    }
  }
  return value;
}

function readList(reader: WireReader, path: string, depth: number): readonly JsonValue[] {
  if (depth > maxDepth) reader.fail(path, tooDeep);
  const list: JsonValue[] = [];
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 !== 1) {
      reader.skip(tag, path);
      continue;
    }
    const outerEnd = reader.enter(tag, path);
    list.push(readValue(reader, path, depth));
    reader.leave(outerEnd);
  }
  return list;
}

/** Writes the fields of a google.protobuf.Struct. */
export function writeStruct(writer: WireWriter, object: JsonObject): void {
  const keys = Object.keys(object);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!;
    const entry = writer.mark;
    const mark = writer.mark;
    writeValue(writer, object[key] ?? null);
    writer.message(2, mark);
    writer.text(1, key);
    writer.message(1, entry);
  }
}

function writeValue(writer: WireWriter, value: JsonValue): void {
  if (value === null) writer.number(1, 0);
  else if (typeof value === "number") writer.double(2, value);
  else if (typeof value === "string") writer.text(3, value);
  else if (typeof value === "boolean") writer.bool(4, value);
  else {
    const mark = writer.mark;
    const isList = isJsonList(value);
    if (isList) writeList(writer, value);
    else writeStruct(writer, value);
    writer.message(isList ? 6 : 5, mark);
  }
}

function writeList(writer: WireWriter, list: readonly JsonValue[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const mark = writer.mark;
    writeValue(writer, list[i] ?? null);
    writer.message(1, mark);
  }
}

const isJsonList = (value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] => Array.isArray(value);
