/** The picker as it is in production, without sockets: what decides, over a clock that is given. */
import { MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { PoolSnapshot } from "#pool";
import { seededRandom, seedOf } from "#random";
import { createScheduler } from "../../../picker/configuration/create-scheduler.ts";
import { defaultConfiguration } from "../../../picker/configuration/load.ts";
import { Director } from "../../../picker/director/director.ts";
import { FlowController } from "../../../picker/flow/controller.ts";
import { noFlowEvents } from "../../../picker/flow/flow-events.ts";
import { InFlightLedger } from "../../../picker/flow/ledger.ts";
import type { FlowSettings } from "../../../picker/flow/settings.ts";
import { fieldTrust } from "../../../picker/flow/trust/settings.ts";
import { SnapshotPublisher } from "../../../picker/state/snapshot-publisher.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type PickerOptions = {
  readonly clock: VirtualClock;
  readonly settings: FlowSettings;
  readonly objectives: ObjectiveTable;
  readonly seed: number;
  /** There is a snapshot to publish. */
  readonly onDirty: () => void;
};

export type PickerParts = {
  readonly publisher: SnapshotPublisher;
  readonly controller: FlowController;
  readonly director: Director;
};

const unknownObjective = (name: string): never => {
  throw new Error(`the scenario has no objective "${name}"`);
};

const unnamed = (): never => {
  throw new Error("every request of a scenario has an id");
};

export function openPicker({ clock: { now, after }, settings, objectives, seed, onDirty }: PickerOptions): PickerParts {
  const ledger = new InFlightLedger();
  const scheduler = createScheduler(defaultConfiguration(), { random: seededRandom(seedOf(seed, "scheduler")) });
  const publisher = new SnapshotPublisher({
    now,
    isIdle: (slot) => ledger.isIdle(slot),
    onRemoved: (slot) => scheduler.forget(slot),
    onDirty,
  });
  const snapshot = (): PoolSnapshot => publisher.snapshot;
  const controller = new FlowController({
    settings,
    snapshot,
    inFlight: ledger,
    timers: { after },
    now,
    random: seededRandom(seedOf(seed, "flow")),
    events: noFlowEvents,
  });
  const director = new Director({
    now,
    snapshot,
    objectives: () => objectives,
    ledger,
    scheduler,
    flow: controller,
    trust: fieldTrust,
    ttlHeader: settings.ttl.header,
    newRequestId: unnamed,
    emitsEndpointScores: false,
    usesSubsetHint: true,
    onUnknownObjective: unknownObjective,
    registry: new MetricRegistry(),
    pool: "pool",
  });
  return { publisher, controller, director };
}
