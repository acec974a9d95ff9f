import type { Seconds, Tokens } from "#units";

/** What this server answers to. */
export type ServedModels = {
  /** Names of the base model; the first is the one that responses and metrics use. */
  readonly names: readonly [string, ...string[]];
  readonly loras: readonly string[];
  readonly maxModelLen: Tokens;
  readonly startedAtSeconds: Seconds;
};

/** The adapter of a model name (undefined inside for the base model); undefined for a model that is not served. */
export function resolveModel(served: ServedModels, name: string): { readonly adapter: string | undefined } | undefined {
  if (served.names.includes(name)) return { adapter: undefined };
  return served.loras.includes(name) ? { adapter: name } : undefined;
}

/** Body of `GET /v1/models`. */
export function modelList({ names, loras, maxModelLen, startedAtSeconds }: ServedModels): unknown {
  const model = (id: string, parent: string | null) => ({
    id,
    object: "model",
    created: Math.floor(startedAtSeconds),
    owned_by: "vllm",
    root: parent === null ? names[0] : id,
    parent,
    max_model_len: maxModelLen,
    permission: [],
  });
  return { object: "list", data: [...names.map((id) => model(id, null)), ...loras.map((id) => model(id, names[0]))] };
}
