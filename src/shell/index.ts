/** What touches the world on behalf of every room: time, randomness, log lines, signals, files, the admin port. */
export type { Clock, Timers } from "./clock.ts";
export { nextTurn, systemClock, systemTimers } from "./clock.ts";
export { systemRandom } from "./random.ts";
export type { LogDestination, LogFields, Logger, LoggerOptions, LogLevel } from "./log.ts";
export { createLogger, logLevels } from "./log.ts";
export type { ProcessHooks, RunGroupOptions, RunPart } from "./run-group.ts";
export { RunGroup, StopTimeoutError, systemProcess } from "./run-group.ts";
export type { AdminEventRoute, AdminReply, AdminRoute, AdminServer, AdminServerOptions } from "./admin-server.ts";
export type { EventClient } from "./event-stream.ts";
export { jsonReply, ListenError, startAdminServer } from "./admin-server.ts";
export type { FileChange, FileWatch, WatchDirectory, WatchFileOptions } from "./watch-file.ts";
export { FileUnreadableError, readTextFile, watchFile } from "./watch-file.ts";
export type { CertificateDirectory, CertificateDirectoryOptions, CertificatePair } from "./certificate.ts";
export {
  certificateExpiryMs,
  CertificateError,
  openCertificateDirectory,
  pairProblem,
  selfSignedPair,
} from "./certificate.ts";
