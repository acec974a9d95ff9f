import type { JsonObject, JsonValue } from "#extproc";
import type { MetadataPlace } from "./settings.ts";

/** `filter_metadata` of a request by namespace; undefined where it has none. */
export type MetadataReader = (namespace: string) => JsonObject | undefined;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const ownValue = (object: JsonObject, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** The value at a place; undefined where there is none, or where it is null or an empty text. */
export function valueAt(read: MetadataReader, { namespace, path }: MetadataPlace): JsonValue | undefined {
  let value: JsonValue | undefined = read(namespace);
  for (const key of path) {
    if (!isObject(value)) return undefined;
    value = ownValue(value, key);
  }
  return value === null || value === "" ? undefined : value;
}
