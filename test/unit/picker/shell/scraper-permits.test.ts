import { describe, expect, it } from "@jest/globals";
import { Permits } from "../../../../picker/shell/scraper-permits.ts";

describe("Permits", () => {
  it("runs up to the limit at once and the rest in order as permits come back", () => {
    const permits = new Permits(2);
    const ran: string[] = [];
    for (const name of ["a", "b", "c", "d"]) permits.acquire(() => ran.push(name));
    expect(ran).toEqual(["a", "b"]);
    permits.release();
    expect(ran).toEqual(["a", "b", "c"]);
    permits.release();
    permits.release();
    permits.release();
    permits.acquire(() => ran.push("e"));
    permits.acquire(() => ran.push("f"));
    permits.acquire(() => ran.push("g"));
    expect(ran).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  it("passes over what was withdrawn", () => {
    const permits = new Permits(1);
    const ran: string[] = [];
    permits.acquire(() => ran.push("a"));
    const withdraw = permits.acquire(() => ran.push("b"));
    permits.acquire(() => ran.push("c"));
    withdraw();
    permits.release();
    expect(ran).toEqual(["a", "c"]);
  });
});
