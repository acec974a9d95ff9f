import { expect, it } from "@jest/globals";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import { dispatch, enqueueAll, fairnessKinds, requestOf, settingsOf } from "./request-of.ts";

it("shares between two objectives of one tenant by their weights, under weighted-cost", () => {
  const objectiveWeights = new Map([["gold", 3]]);
  const fairness = { kind: "weighted-cost" as const, flowWeights: new Map(), objectiveWeights };
  const queue = new BandedQueue(settingsOf({ fairness }));
  for (const objective of ["silver", "gold"]) {
    enqueueAll(
      queue,
      Array.from({ length: 100 }, () => requestOf({ objective })),
    );
  }
  expect(queue.summarize(0).bands[0]!.busyFlows).toBe(2);
  const ofGold = dispatch(queue, 80).filter(({ objective }) => objective === "gold").length;
  expect(ofGold).toBe(60);
});

it("charges and corrects one objective without the other", () => {
  const queue = new BandedQueue(settingsOf());
  const [gold, silver] = ["gold", "silver"].map((objective) => requestOf({ objective }));
  enqueueAll(queue, [gold!, silver!, requestOf({ objective: "gold" }), requestOf({ objective: "silver" })]);
  dispatch(queue, 2);
  queue.settle(gold!, { promptTokens: 60, outputTokens: 900 }, 0);
  expect(queue.peek(0, () => true)?.objective).toBe("silver");
  queue.settle(silver!, { promptTokens: 60, outputTokens: 1900 }, 0);
  expect(queue.peek(0, () => true)?.objective).toBe("gold");
});

it.each(["global-strict", "round-robin", "program-aware"] as const)(
  "does not tell objectives apart under %s",
  (kind) => {
    const queue = new BandedQueue(settingsOf({ fairness: fairnessKinds[kind] }));
    enqueueAll(queue, [requestOf({ objective: "gold" }), requestOf({ objective: "silver" })]);
    expect(queue.summarize(0).bands[0]!.busyFlows).toBe(1);
    queue.skip(queue.peek(0, () => true)!);
    expect(queue.peek(0, () => true)).toBeUndefined();
  },
);

it("gives nothing of a forgotten flow to the next one", () => {
  const queue = new BandedQueue(settingsOf({}, { maxIdleFlows: 0 }));
  const steady = Array.from({ length: 5 }, () => requestOf({ fairnessId: "steady" }));
  const debtor = requestOf({ fairnessId: "debtor", promptTokens: 90_000 });
  enqueueAll(queue, [...steady, debtor]);
  queue.take(debtor);
  expect(queue.summarize(0).bands[0]).toMatchObject({ busyFlows: 1, idleFlows: 0 });
  enqueueAll(queue, [requestOf({ fairnessId: "fresh" }), requestOf({ fairnessId: "debtor" })]);
  const order = dispatch(queue, 3).map(({ fairnessId }) => fairnessId);
  expect(order.toSorted()).toEqual(["debtor", "fresh", "steady"]);
});
