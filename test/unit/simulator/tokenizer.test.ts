import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { TokenBuffer, vocabulary, vocabularyIds } from "../../../simulator/tokenizer.ts";

const tokens = (text: string) => new TokenBuffer().pushText(text).toTokens();

describe("TokenBuffer", () => {
  it.each([
    { text: "", want: 0 },
    { text: "abc", want: 1 },
    { text: "abcd", want: 1 },
    { text: "abcde", want: 2 },
    { text: "ééé", want: 2 },
  ])("counts $want tokens in $text", ({ text, want }) => expect(tokens(text)).toHaveLength(want));

  it("gives a text the tokens of its beginning, whatever follows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 2000 }), fc.string(), (text, more) => {
        const whole = Math.floor(text.length / 4);
        expect([...tokens(text + more)].slice(0, whole)).toEqual([...tokens(text)].slice(0, whole));
      }),
    );
  });

  it("reads generated text back as the tokens it was", () => {
    const text = vocabulary.slice(100, 140).join("");
    expect(tokens(text)).toEqual(vocabularyIds.slice(100, 140));
    expect(new Set(vocabularyIds).size).toBe(vocabulary.length);
  });

  it("keeps marks apart", () => {
    const buffer = new TokenBuffer().pushMark("role user").pushMark("role system");
    expect(new Set(buffer.toTokens()).size).toBe(2);
    expect(buffer.length).toBe(2);
  });
});
