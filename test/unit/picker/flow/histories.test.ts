import { it } from "@jest/globals";
import { History } from "../../../histories/history.ts";

const histories = 1000;

/** `node test/histories/flow.histories.ts 1 <seed>` tells what happened. */
it(`holds every rule in ${histories} random histories`, () => {
  for (let seed = 1; seed <= histories; seed++) {
    try {
      new History(seed).play();
    } catch (error) {
      throw new Error(`seed ${seed} is broken`, { cause: error });
    }
  }
});
