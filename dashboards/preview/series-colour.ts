import type { Colour } from "../colour.ts";

const palette: readonly Colour[] = [
  "#3274d9",
  "#b877d9",
  "#33a2a2",
  "#8c5a2b",
  "#705da0",
  "#5195ce",
  "#c15c17",
  "#0a437c",
  "#6d1f62",
  "#7a8b99",
];

/** A colour for each name, the same for the same name on the whole page. */
export function colourBook(): (name: string) => Colour {
  const known = new Map<string, Colour>();
  return (name) => {
    const colour = known.get(name) ?? palette[known.size % palette.length]!;
    known.set(name, colour);
    return colour;
  };
}
