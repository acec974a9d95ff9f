import { describe, expect, it } from "@jest/globals";
import { LoraSlots } from "../../../../simulator/engine/lora-slots.ts";

describe("LoraSlots", () => {
  it("loads an adapter once and shares it", () => {
    const slots = new LoraSlots(1);
    expect(slots.acquire("a")).toBe("loaded");
    expect(slots.acquire("a")).toBe("resident");
    expect(slots.active()).toEqual(["a"]);
  });

  it("blocks another adapter until the last request of the first has gone", () => {
    const slots = new LoraSlots(1);
    slots.acquire("a");
    slots.acquire("a");
    slots.release("a");
    expect(slots.admits("b")).toBe(false);
    expect(slots.acquire("b")).toBe("blocked");
    slots.release("a");
    expect(slots.admits("b")).toBe(true);
    expect(slots.acquire("b")).toBe("loaded");
    expect(slots.resident()).toEqual(["b"]);
  });

  it("evicts the adapter that was used longest ago", () => {
    const slots = new LoraSlots(2);
    for (const name of ["a", "b", "a"]) {
      slots.acquire(name);
      slots.release(name);
    }
    slots.acquire("c");
    expect(slots.resident()).toEqual(["a", "c"]);
    expect(slots.active()).toEqual(["c"]);
  });
});
