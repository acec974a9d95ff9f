import { EventEmitter } from "node:events";
import type { ServerHttp2Session } from "node:http2";
import { describe, expect, it } from "@jest/globals";
import { Http2Connection } from "../../../../picker/transport/http2-connection.ts";

type Answer = (error: Error | null) => void;

/** The few members of a session that a connection without calls uses. */
class FakeSession extends EventEmitter {
  destroyed = false;
  readonly pings: Answer[] = [];
  setLocalWindowSize(): void {}
  ping(answer: Answer): boolean {
    this.pings.push(answer);
    return true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

function connect(): { session: FakeSession; connection: Http2Connection } {
  const session = new FakeSession();
  const owner = { progressed: () => undefined };
  const limits = { maxMessageBytes: 1, maxMetadataBytes: 1, maxUnsentBytes: 1 };
  const connection = new Http2Connection(session as unknown as ServerHttp2Session, owner, new Map(), limits);
  return { session, connection };
}

describe("checkAlive", () => {
  it("keeps a peer that answers each ping before the next check", () => {
    const { session, connection } = connect();
    for (let i = 0; i < 5; i++) {
      connection.checkAlive();
      session.pings.at(-1)!(null);
    }
    expect(session.pings.length).toBe(5);
    expect(session.destroyed).toBe(false);
  });

  it("gives up a peer at the first check that finds a ping unanswered", () => {
    const { session, connection } = connect();
    connection.checkAlive();
    session.pings[0]!(null);
    connection.checkAlive();
    expect(session.destroyed).toBe(false);
    connection.checkAlive();
    expect(session.destroyed).toBe(true);
    connection.checkAlive();
    expect(session.pings.length).toBe(2);
  });
});
