/** The connection to /live/events. The browser connects again by itself, unless it was turned away. */
import type { Snapshot } from "./snapshot.ts";

export type FeedState = "connecting" | "live" | "lost";

export type FeedListener = {
  /** @param isFirst of its connection: it has every decision that is kept, and numbers may have begun again */
  onSnapshot(snapshot: Snapshot, isFirst: boolean): void;
  onState(state: FeedState): void;
};

const againAfterMs = 5000;
/** An event comes each second; after this many without one the connection counts as lost. */
const silentAfterMs = 6000;

/** Listens until the page goes. */
export function listen(path: string, listener: FeedListener): void {
  const source = new EventSource(path);
  let silence: number | undefined;
  let isFirst = true;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => listener.onState("lost"), silentAfterMs);
  };
  source.addEventListener("message", ({ data }: MessageEvent<string>) => {
    heard();
    listener.onState("live");
    listener.onSnapshot(JSON.parse(data) as Snapshot, isFirst);
    isFirst = false;
  });
  source.addEventListener("error", () => {
    clearTimeout(silence);
    isFirst = true;
    listener.onState("lost");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(path, listener), againAfterMs);
  });
}
