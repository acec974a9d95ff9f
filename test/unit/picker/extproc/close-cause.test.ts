import { describe, expect, it } from "@jest/globals";
import { constants } from "node:http2";
import { saysBroken } from "../../../../picker/extproc/close-cause.ts";
import type { CloseCause } from "../../../../picker/transport/contract.ts";

const reset = (http2Code: number): CloseCause => ({ kind: "reset", http2Code });

describe("how a stream was closed", () => {
  it.each<{ name: string; cause: CloseCause; broken: boolean }>([
    { name: "the model server broke off", cause: reset(constants.NGHTTP2_CONNECT_ERROR), broken: true },
    { name: "Envoy 1.40's way to end any exchange", cause: reset(constants.NGHTTP2_INTERNAL_ERROR), broken: false },
    { name: "a cancelled call", cause: { kind: "cancelled" }, broken: false },
    { name: "a lost connection", cause: { kind: "connection-lost" }, broken: false },
    { name: "an end of our own", cause: { kind: "ended" }, broken: false },
    { name: "a stream that we gave up", cause: { kind: "aborted", status: 14, message: "drained" }, broken: true },
  ])("$name: broken is $broken", ({ cause, broken }) => expect(saysBroken(cause)).toBe(broken));
});
