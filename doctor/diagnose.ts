import { checkCertificate } from "./checks/certificate.ts";
import { checkClock } from "./checks/clock.ts";
import { checkEnvoy } from "./checks/envoy.ts";
import { checkFiles } from "./checks/files.ts";
import { checkFlow } from "./checks/flow.ts";
import { checkGateway } from "./checks/gateway.ts";
import { checkLabels } from "./checks/labels.ts";
import { checkPicker } from "./checks/picker.ts";
import { checkScrapes } from "./checks/scrapes.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

const checks = [
  checkPicker,
  checkFlow,
  checkFiles,
  checkScrapes,
  checkCertificate,
  checkGateway,
  checkEnvoy,
  checkLabels,
  checkClock,
] as const;

/** Everything that the facts show, in the order in which a request meets it. */
export const diagnose = (facts: Facts): readonly Finding[] => checks.flatMap((check) => check(facts));
