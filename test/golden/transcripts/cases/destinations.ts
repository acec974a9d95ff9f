/** Who may be chosen, and how the choice is said. */
import { loadConfiguration } from "../../../../picker/configuration/load.ts";
import { chatRequest, requestBody, requestHeaders, type RequestOptions } from "../../../support/extproc-messages.ts";
import type { EndpointSketch } from "../../../support/scheduling-cycle.ts";
import type { TranscriptCase } from "./case.ts";

const ask =
  (options: RequestOptions): TranscriptCase["play"] =>
  (open) =>
    open().say(requestHeaders(options)).say(requestBody(chatRequest, true)).close();

const queued = (waitingRequests: number): EndpointSketch["metrics"] => ({
  waitingRequests,
  runningRequests: waitingRequests,
  kvCacheUsageRatio: waitingRequests / 10,
});
const mixed: readonly EndpointSketch[] = [
  { metrics: queued(0) },
  { metrics: queued(5), address: "10.0.0.1", port: 8000 },
  { metrics: queued(6), address: "10.0.0.1", port: 8001 },
  { metrics: queued(9), address: "fd00::1", port: 8000 },
];
const options = { endpoints: mixed };

export const configured = (plugins: string) =>
  loadConfiguration(`{"apiVersion":"llm-d.ai/v1alpha1","kind":"EndpointPickerConfig","plugins":[${plugins}]}`, {
    file: "test.json",
    allowExperimental: false,
    refreshIntervalMs: 50,
  });

export const destinations: readonly TranscriptCase[] = [
  { name: "subset-list", options, play: ask({ subset: ["10.0.0.1:8001", "[fd00::1]:8000"] }) },
  { name: "subset-text", options, play: ask({ subset: "10.0.0.1:8001, [fd00::1]:8000" }) },
  { name: "subset-address-means-every-port", options, play: ask({ subset: ["10.0.0.1"] }) },
  { name: "subset-address-and-port", options, play: ask({ subset: ["10.0.0.1:8001"] }) },
  { name: "subset-ipv6", options, play: ask({ subset: ["[fd00::1]:8000"] }) },
  { name: "subset-empty", options, play: ask({ subset: [] }) },
  { name: "subset-of-nobody", options, play: ask({ subset: ["10.9.9.9"] }) },
  { name: "subset-of-another-type-is-no-hint", options, play: ask({ subset: 7 }) },
  {
    name: "subset-turned-off",
    options: { ...options, usesSubsetHint: false },
    play: ask({ subset: ["10.0.0.1:8001"] }),
  },
  {
    name: "headers-only-honours-the-subset",
    options,
    play: (open) =>
      open()
        .say(requestHeaders({ method: "GET", path: "/v1/models", endOfStream: true, subset: ["10.0.0.1:8001"] }))
        .close(),
  },
  {
    name: "headers-only-takes-the-best",
    options: { endpoints: [{ metrics: queued(9) }, { metrics: queued(0) }] },
    play: (open) => open().say(requestHeaders({ method: "GET", path: "/v1/models", endOfStream: true })).close(),
  },
  {
    name: "headers-only-with-nobody",
    options: { endpoints: [], flow: { holdForZero: { budgetMs: 1000, learned: undefined } } },
    play: (open) =>
      open()
        .say(requestHeaders({ method: "GET", path: "/v1/models", endOfStream: true }))
        .at(1000)
        .close(),
  },
  {
    name: "ordered-fallbacks",
    options: {
      ...options,
      configuration: configured(
        '{"type":"queue-scorer"},{"type":"max-score-picker","parameters":{"maxNumOfEndpoints":3}}',
      ),
    },
    play: ask({}),
  },
  { name: "scores", options: { ...options, emitsEndpointScores: true }, play: ask({}) },
  { name: "scores-in-buffered-mode", options: { ...options, emitsEndpointScores: true }, play: ask({ mode: "BUFFERED" }) },
];
