import { describe, expect, it } from "@jest/globals";
import { formatProblem } from "#config";
import { inTree, onlyInTheField } from "../../../../picker/configuration/catalogue.ts";
import { defaultConfiguration, loadConfiguration } from "../../../../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../../../../picker/configuration/resolved.ts";

const header = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
const load = (text: string, allowExperimental = false): ResolvedConfiguration =>
  loadConfiguration(header + text, { file: "config.yaml", allowExperimental, refreshIntervalMs: 50 });

const shapeOf = ({ profile, producers }: ResolvedConfiguration) => ({
  name: profile.name,
  filters: profile.filters.map(({ name }) => name),
  scorers: Object.fromEntries(profile.scorers.map(({ plugin, weight }) => [plugin.name, weight])),
  picker: profile.picker.name,
  producers: producers.map(({ name }) => name),
});
const warningsOf = ({ warnings }: ResolvedConfiguration) => warnings.map(formatProblem);

describe("without a configuration", () => {
  it("is the field's default", () => {
    const defaults = defaultConfiguration();
    expect(shapeOf(defaults)).toEqual({
      name: "default",
      filters: [],
      scorers: { "queue-scorer": 2, "kv-cache-utilization-scorer": 2, "prefix-cache-scorer": 3 },
      picker: "max-score-picker",
      producers: ["approx-prefix-cache-producer"],
    });
    expect(defaults.metrics).toEqual({
      source: { scheme: "http", path: "/metrics", insecureSkipVerify: true },
      extractor: { engineLabelKey: "llm-d.ai/engine-type", defaultEngine: "vllm", engineConfigs: [] },
    });
    expect(defaults.parsers).toEqual(["openai-parser", "anthropic-parser", "passthrough-parser"]);
    expect(defaults.fileDiscovery).toBeUndefined();
    expect(defaults.warnings).toEqual([]);
  });

  it("is the same for a document that names nothing", () =>
    expect(shapeOf(load(""))).toEqual(shapeOf(defaultConfiguration())));
});

describe("profiles", () => {
  it("reads a profile as the field writes it", () => {
    const config = load(`
plugins:
- type: approx-prefix-cache-producer
  parameters:
    maxPrefixTokensToMatch: 4096
    lruCapacityPerServer: 31250
- type: prefix-cache-scorer
- type: decode-filter
- type: max-score-picker
- type: single-profile-handler
schedulingProfiles:
- name: default
  plugins:
  - pluginRef: decode-filter
  - pluginRef: max-score-picker
  - pluginRef: prefix-cache-scorer
    weight: 2
`);
    expect(shapeOf(config)).toEqual({
      name: "default",
      filters: ["decode-filter"],
      scorers: { "prefix-cache-scorer": 2 },
      picker: "max-score-picker",
      producers: ["approx-prefix-cache-producer"],
    });
    expect(config.producers[0]!.parameters).toMatchObject({ maxPrefixTokensToMatch: 4096, blockSizeTokens: 16 });
  });

  it("refers to everything configured where it has no profile, with weight 1", () =>
    expect(
      shapeOf(load("plugins: [{type: random-picker}, {type: queue-scorer}, {type: decode-filter, name: d}]")),
    ).toMatchObject({
      name: "default",
      filters: ["d"],
      scorers: { "queue-scorer": 1 },
      picker: "random-picker",
    }));

  it.each([
    {
      name: "a configured picker that the profile does not name",
      extra: ", {type: weighted-random-picker}",
      want: "weighted-random-picker",
    },
    { name: "max-score-picker where none is configured", extra: "", want: "max-score-picker" },
  ])("takes $name", ({ extra, want }) => {
    const profile = "schedulingProfiles: [{name: p, plugins: [{pluginRef: queue-scorer, weight: 0.5}]}]";
    const config = load(`plugins: [{type: queue-scorer}${extra}]\n${profile}`);
    expect(shapeOf(config)).toMatchObject({ name: "p", picker: want, scorers: { "queue-scorer": 0.5 } });
    expect(config.warnings).toEqual([]);
  });

  it("lets alpha plugins in when told to", () => {
    const text = "plugins: [{type: header-label-affinity-scorer, parameters: {headerName: a, labelKey: b}}]";
    expect(shapeOf(load(text, true)).scorers).toEqual({ "header-label-affinity-scorer": 1 });
    expect(() => load(text)).toThrow("an alpha plugin");
  });
});

describe("producers", () => {
  it("are made with their defaults for those that need them", () =>
    expect(shapeOf(load("plugins: [{type: prefix-cache-scorer}, {type: token-load-scorer}]")).producers).toEqual([
      "approx-prefix-cache-producer",
      "inflight-load-producer",
    ]));

  it("are not made for those that can do without", () =>
    expect(shapeOf(load("plugins: [{type: inflight-load-producer}]")).producers).toEqual(["inflight-load-producer"]));

  it("are chosen by name", () => {
    const scorer = "{type: prefix-cache-scorer, parameters: {prefixMatchInfoProducerName: mine}}";
    expect(shapeOf(load(`plugins: [${scorer}, {type: approx-prefix-cache-producer, name: mine}]`)).producers).toEqual([
      "mine",
    ]);
  });
});

describe("data layer", () => {
  it("takes configured source and extractor for the default pipeline", () => {
    const { metrics } = load(`
plugins:
- {type: metrics-data-source, parameters: {port: 9100, scheme: https, interval: 200ms}}
- {type: core-metrics-extractor, parameters: {defaultEngine: sglang}}`);
    expect(metrics).toMatchObject({
      source: { port: 9100, scheme: "https", interval: 200 },
      extractor: { defaultEngine: "sglang" },
    });
  });

  it("takes the referenced source and extractor", () => {
    const { metrics } = load(`
plugins:
- {type: metrics-data-source, name: s, parameters: {path: /m, caCertPath: /ca.pem}}
- {type: core-metrics-extractor, name: e, parameters: {engineConfigs: [{name: mine, queuedRequestsSpec: 'q{a=b}'}]}}
dataLayer: {sources: [{pluginRef: s, extractors: [{pluginRef: e}]}]}`);
    expect(metrics).toMatchObject({
      source: { path: "/m", caCertPath: "/ca.pem" },
      extractor: { engineConfigs: [{ name: "mine", queuedRequestsSpec: "q{a=b}" }] },
    });
  });

  it("does not scrape where defaults are off and nothing is configured, and says so", () => {
    const config = load("dataLayer: {injectDefaults: false}");
    expect(config.metrics).toBeUndefined();
    expect(warningsOf(config)).toEqual([
      "config.yaml:3:29: dataLayer.injectDefaults: endpoints are not scraped: scorers that read metrics know nothing; found false",
    ]);
  });

  it("refuses an interval between two ticks", () =>
    expect(() => load("plugins: [{type: metrics-data-source, parameters: {interval: 125ms}}]")).toThrow(
      'config.yaml:3:62: plugins[0].parameters.interval: not a multiple of the refresh interval; found "125ms"; allowed a multiple of 50ms',
    ));

  it("reads file discovery", () =>
    expect(
      load(`
plugins: [{type: file-discovery, parameters: {path: endpoints.yaml, watchFile: true}}]
dataLayer: {discovery: {pluginRef: file-discovery}}`).fileDiscovery,
    ).toEqual({ path: "endpoints.yaml", watchFile: true }));
});

describe("what is accepted although it changes nothing", () => {
  it.each([
    "flowControl: {defaultRequestTTL: 60s, noEndpointRequestTTL: 1m, enableEviction: false, priorityBands: []}",
    "featureGates: [flowControl=false, haPopulateNonLeaderDatastore]",
    "dataLayer: {crossReplicaSyncInterval: 200ms, injectDefaults: true}",
    "plugins: [{type: utilization-detector, parameters: {queueDepthThreshold: 5, headroom: 0}}, {type: static-usage-limit-policy, parameters: {threshold: 1.0}}]\nflowControl: {saturationDetector: {pluginRef: utilization-detector}, usageLimitPolicyPluginRef: static-usage-limit-policy}",
    "plugins: [{type: fcfs-ordering-policy}, {type: global-strict-fairness-policy}]",
    "plugins: [{type: token-producer, parameters: {estimate: {}}}, {type: inflight-load-producer, parameters: {addEstimatedOutputTokens: false}}]",
    "plugins: [{type: active-request-scorer, parameters: {requestTimeout: 2m}}]",
    "plugins:\n- type: queue-scorer\n  parameters:\n",
  ])("%s", (text) => expect(load(text).warnings).toEqual([]));
});

describe("parsers", () => {
  it("keep their order, each once", () => {
    const plugins = "plugins: [{type: passthrough-parser}, {type: openai-parser}, {type: openai-parser, name: again}]";
    const refs = "[{pluginRef: passthrough-parser}, {pluginRef: openai-parser}, {pluginRef: again}]";
    expect(load(`${plugins}\nrequestHandler: {parsers: ${refs}}`).parsers).toEqual([
      "passthrough-parser",
      "openai-parser",
    ]);
  });

  it("come from the older key only where the newer one is absent", () => {
    const plugins =
      "plugins: [{type: passthrough-parser}, {type: openai-parser}]\nparser: {pluginRef: passthrough-parser}";
    expect(load(plugins).parsers).toEqual(["passthrough-parser"]);
    const both = load(`${plugins}\nrequestHandler: {parsers: [{pluginRef: openai-parser}]}`);
    expect(both.parsers).toEqual(["openai-parser"]);
  });
});

describe("warnings", () => {
  it("name deprecated spellings and what has no effect", () => {
    const text = `apiVersion: inference.networking.x-k8s.io/v1alpha1
kind: EndpointPickerConfig
plugins:
- type: queue-scorer
- type: load-aware-scorer
- type: decode-filter
- type: utilization-detector
- type: openai-parser
- {type: file-discovery, parameters: {path: e.yaml}}
schedulingProfiles:
- name: default
  plugins: [{pluginRef: queue-scorer}, {pluginRef: decode-filter, weight: 2}]
saturationDetector: {pluginRef: utilization-detector}
parser: {pluginRef: openai-parser}
`;
    expect(warningsOf(loadConfiguration(text, { file: "c", allowExperimental: false, refreshIntervalMs: 50 }))).toEqual(
      [
        'c:1:13: apiVersion: deprecated; found "inference.networking.x-k8s.io/v1alpha1"; allowed llm-d.ai/v1alpha1',
        'c:5:3: plugins[1]: nothing refers to this plugin; found "load-aware-scorer"',
        'c:9:3: plugins[5]: nothing refers to this plugin; found "file-discovery"',
        "c:12:75: schedulingProfiles[0].plugins[1].weight: a weight has no effect on what is not a scorer; found 2",
        "c:13:21: saturationDetector: deprecated, use flowControl.saturationDetector; found a mapping",
        "c:14:9: parser: deprecated, use requestHandler.parsers; found a mapping",
      ],
    );
  });
});

describe("the catalogue", () => {
  const types = inTree.map(({ type }) => type);
  it("has each type once, and none that is also refused by name", () => {
    expect(new Set([...types, ...onlyInTheField]).size).toBe(types.length + onlyInTheField.length);
  });

  it.each(onlyInTheField)("%s is refused by name", (type) =>
    expect(() => load(`plugins: [{type: ${type}}]`)).toThrow(
      `plugins[0].type: a plugin of the field that Attain does not provide yet; found "${type}"`,
    ),
  );
});
