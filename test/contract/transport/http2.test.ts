import { once } from "node:events";
import { describe, it } from "@jest/globals";
import { http2Listener, listenHttp2 } from "../../../picker/transport/http2.ts";
import { dialRaw, disconnectAfterEach } from "./client.ts";
import { preface, settings } from "./raw-frames.ts";
import { closeAfterEach, start } from "./server.ts";
import { transportContract } from "./transport-contract.ts";

transportContract("node:http2", listenHttp2);

describe("keep-alive", () => {
  disconnectAfterEach();
  closeAfterEach();

  it("gives up a peer that answers no ping", async () => {
    const { transport } = await start(http2Listener(30));
    const dead = await dialRaw(transport);
    dead.resume();
    dead.write(Buffer.concat([preface, settings]));
    await once(dead, "close");
  });
});
