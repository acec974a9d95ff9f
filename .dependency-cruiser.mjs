const rooms = "picker|autoscaler|simulator|gateway|load|console|dashboards|alerts|web|deploy|doctor";
const io =
  "^(node:)?(fs|fs/promises|net|tls|http|https|http2|dgram|dns|dns/promises|child_process|worker_threads|cluster|process|os|timers|timers/promises|readline|perf_hooks|v8|inspector|repl|tty)$";
const clients =
  "node_modules/(undici|pino|selfsigned|log-update|cli-progress|@opentelemetry|@kubernetes/client-node|@grpc/grpc-js)/";
const below = (layer) =>
  ({
    bottom: "^src/(units|errors|random)/",
    middle: "^src/(units|errors|random|objective|pool|config|grpc)/",
    upper: "^src/(units|errors|random|objective|pool|config|grpc|metrics|kubernetes|report|extproc)/",
    queries: "^src/(units|errors|random|objective|pool|config|grpc|metrics|kubernetes|report|extproc|promql)/",
  })[layer];

/** The dependency rule of ARCHITECTURE.md, one entry a sentence. */
export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "src-imports-no-room", severity: "error", from: { path: "^src/" }, to: { path: `^(${rooms}|bin|test)/` } },
    {
      name: "rooms-are-strangers",
      severity: "error",
      from: { path: `^(${rooms})/` },
      to: { path: `^(${rooms}|bin)/`, pathNot: "^$1/" },
    },
    { name: "nothing-imports-test", severity: "error", from: { pathNot: "^test/" }, to: { path: "^test/" } },
    {
      name: "src-bottom-layer",
      severity: "error",
      from: { path: "^src/(units|errors|random)/" },
      to: { path: "^src/", pathNot: below("bottom") },
    },
    {
      name: "src-middle-layer",
      severity: "error",
      from: { path: "^src/(objective|pool|config|grpc)/" },
      to: { path: "^src/", pathNot: below("middle") },
    },
    {
      name: "src-upper-layer",
      severity: "error",
      from: { path: "^src/(metrics|kubernetes|report|extproc)/" },
      to: { path: "^src/", pathNot: below("upper") },
    },
    {
      name: "src-query-layer",
      severity: "error",
      from: { path: "^src/promql/" },
      to: { path: "^src/", pathNot: below("queries") },
    },
    {
      name: "only-shells-do-io",
      severity: "error",
      from: { pathNot: "^(bin|test)/|(^|/)shell/|^picker/transport/" },
      to: { path: `${io}|${clients}` },
    },
    {
      name: "only-shells-import-the-shell",
      severity: "error",
      from: { path: `^(src|${rooms})/`, pathNot: "(^|/)shell/|^picker/transport/" },
      to: { path: "^src/shell/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "src-through-its-doors",
      severity: "error",
      from: { path: `^(${rooms}|bin)/` },
      to: { path: "^src/[^/]+/", pathNot: "^src/[^/]+/index\\.ts$" },
    },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-development-dependency-in-production",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { dependencyTypes: ["npm-dev"] },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^test/boundaries/planted" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node"],
      extensions: [".ts", ".mjs", ".js"],
    },
  },
};
