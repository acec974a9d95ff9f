import { describe } from "@jest/globals";
import type { Listen } from "../../../picker/transport/contract.ts";
import { disconnectAfterEach } from "./client.ts";
import { conversationContract } from "./conversation.ts";
import { endingContract } from "./ending.ts";
import { healthContract } from "./health.ts";
import { lifecycleContract } from "./lifecycle.ts";
import { limitsContract } from "./limits.ts";
import { resetContract } from "./resets.ts";
import { closeAfterEach } from "./server.ts";

/** What every transport must pass. */
export function transportContract(name: string, listen: Listen): void {
  describe(`transport ${name}`, () => {
    disconnectAfterEach();
    closeAfterEach();
    conversationContract(listen);
    endingContract(listen);
    resetContract(listen);
    limitsContract(listen);
    lifecycleContract(listen);
    healthContract(listen);
  });
}
