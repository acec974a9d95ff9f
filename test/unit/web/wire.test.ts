import { expect, it } from "@jest/globals";
import type { LiveEvent } from "../../../picker/shell/live.ts";
import type { LiveDecision } from "../../../picker/live/decisions.ts";
import type { LiveBand, LiveFlow, LiveOutcome, LiveWould } from "../../../picker/live/flow.ts";
import type { BurnWindow, Distribution, LiveEndpoint, LiveObjective } from "../../../picker/live/snapshot.ts";
import type * as Page from "../../../web/page/snapshot.ts";

/** Keys that the page reads and the picker does not tell. Does not compile where a type differs. */
type Untold<Told extends Read, Read> = Exclude<keyof Read, keyof Told>;

it("the page reads nothing that the picker does not tell, and in no other type", () => {
  const untold: readonly (readonly never[])[] = [] as readonly (readonly [
    Untold<LiveEvent, Page.Snapshot>,
    Untold<LiveObjective, Page.Objective>,
    Untold<BurnWindow, Page.BurnWindow>,
    Untold<Distribution, Page.Distribution>,
    Untold<LiveEndpoint, Page.Endpoint>,
    Untold<LiveFlow, Page.Flow>,
    Untold<LiveFlow["held"], Page.Flow["held"]>,
    Untold<LiveBand, Page.Band>,
    Untold<LiveOutcome, Page.Outcome>,
    Untold<LiveWould, Page.Would>,
    Untold<LiveDecision, Page.Decision>,
  ])[];
  expect(untold).toEqual([]);
});
