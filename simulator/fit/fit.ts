import { runFit } from "./shell/run-fit.ts";

runFit();
