import { z } from "zod";
import { TokenBuffer } from "../tokenizer.ts";

const tokenIds = z.array(z.int().nonnegative().max(0xffffffff)).min(1);

/** A prompt of the APIs that take text or token ids, one or several. */
export const textInputSchema = z.union([z.string(), tokenIds, z.array(z.string()).min(1), z.array(tokenIds).min(1)]);

const textTokens = (text: string): Uint32Array => new TokenBuffer().pushMark("start").pushText(text).toTokens();

/** Each prompt as token ids; ids are taken as they are. */
export function inputTokens(input: z.infer<typeof textInputSchema>): readonly Uint32Array[] {
  if (typeof input === "string") return [textTokens(input)];
  if (typeof input[0] === "number") return [Uint32Array.from(input as number[])];
  return (input as string[] | number[][]).map((one) =>
    typeof one === "string" ? textTokens(one) : Uint32Array.from(one),
  );
}
