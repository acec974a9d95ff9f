/** A thousand inputs that no peer should send: each is answered clearly or closed, and nobody else notices. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientHttp2Session } from "node:http2";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { seededRandom } from "#random";
import type { Ratio } from "#units";
import {
  chatRequest,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  sse,
} from "../support/extproc-messages.ts";
import { openConnection, RawStream } from "../support/extproc-raw-client.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { checkHealth } from "./support/health.ts";
import { hostileBodies } from "./support/hostile/bodies.ts";
import { hostileCalls } from "./support/hostile/calls.ts";
import { formOf, isRouted, type Answer, type HostileInput, type Target } from "./support/hostile/input.ts";
import { hostileMessages } from "./support/hostile/messages.ts";
import { hostileSockets } from "./support/hostile/sockets.ts";
import { endpointsText, objectivesText } from "./support/pool-files.ts";
import { becomes, eventually } from "./support/poll.ts";
import { startAttain, type Program } from "./support/program.ts";
import { stopAfterTests, type Started } from "./support/started.ts";

const seed = Number(process.env["ATTAIN_SEED"] ?? 20_262);
const inputCount = 1000;
/** So many hostile inputs at once, then a healthy exchange. */
const batchSize = 10;
const patienceMs = 20_000;

const inputs: readonly HostileInput[] = [...hostileCalls, ...hostileMessages, ...hostileBodies, ...hostileSockets];

const servesLine = z.object({ extProcPort: z.number(), healthPort: z.number(), metricsPort: z.number() });
const stateOf = z.object({
  ledger: z.object({ inFlight: z.number() }),
  streams: z.object({ open: z.number() }),
  process: z.object({ rssBytes: z.number() }),
});

/** `attain picker` as a process of its own, on free ports, with model servers that do not exist. */
async function startPicker(
  started: Started,
  flags: readonly string[],
): Promise<{ program: Program } & z.infer<typeof servesLine>> {
  const folder = await started.folder();
  const [endpoints, objectives] = [join(folder, "endpoints.yaml"), join(folder, "objectives.yaml")];
  await writeFile(endpoints, endpointsText([1, 2]));
  await writeFile(objectives, objectivesText(["chat"], "60s"));
  const files = ["--endpoints-file", endpoints, "--objectives-file", objectives];
  const ports = ["--grpc-port", "0", "--grpc-health-port", "0", "--metrics-port", "0", "--bind-address", "127.0.0.1"];
  const program = started.keep(startAttain(["picker", ...files, ...ports, "--max-body-size", "1Mi", ...flags]));
  const line = await eventually("the ports of the picker", () => {
    if (!program.isRunning) throw new Error(`it ended:\n${program.stderr}`);
    return program.stderr.split("\n").find((text) => text.includes('"picker serves"'));
  });
  return { program, ...servesLine.parse(JSON.parse(line)) };
}

async function playWithin(input: HostileInput, target: Target, random: () => Ratio): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms: ${input.name}`)), patienceMs);
  });
  try {
    return await Promise.race([input.play(target, random), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A whole exchange, which must be answered as if nobody else were there. */
async function healthyExchange(session: ClientHttp2Session): Promise<void> {
  const stream = new RawStream(session).say(requestHeaders()).say(requestBody(chatRequest, true));
  expect(await stream.until(() => isRouted(stream))).toBe(true);
  const events = [sse.role, sse.token("a"), sse.finish + sse.usage + sse.done];
  stream.say(responseHeaders());
  for (const text of events) stream.say(responseBody(text));
  stream.say(responseBody("", true)).halfClose();
  expect((await stream.over).grpcStatus).toBe(0);
  expect(bodyOf(stream, "request")).toBe(chatRequest);
  expect(bodyOf(stream, "response")).toBe(events.join(""));
}

const bodyOf = ({ replies }: RawStream, direction: "request" | "response"): string =>
  replies
    .flatMap((reply) =>
      reply.kind === "body" && reply.direction === direction && reply.common.body?.kind === "streamed"
        ? [reply.common.body.body.toString()]
        : [],
    )
    .join("");

const isClear = (answer: Answer): boolean => answer.kind !== "grpc" || answer.status === 0 || answer.message !== "";

describe("hostile peers", () => {
  const started = stopAfterTests();
  let plain: Awaited<ReturnType<typeof startPicker>>;
  let secure: Awaited<ReturnType<typeof startPicker>>;
  let target: Target;
  const state = async () =>
    stateOf.parse(JSON.parse(await readPage(`http://127.0.0.1:${plain.metricsPort}/debug/state`)));

  beforeAll(async () => {
    [plain, secure] = await Promise.all([startPicker(started, ["--secure-serving=false"]), startPicker(started, [])]);
    const shared = openConnection(plain.extProcPort);
    started.keep({ stop: () => shared.destroy() });
    const { extProcPort: grpcPort, healthPort, metricsPort } = plain;
    target = { grpcPort, tlsPort: secure.extProcPort, healthPort, metricsPort, shared };
  });

  it(`${inputCount} hostile inputs are answered clearly or closed, while others are served`, async () => {
    const random = seededRandom(seed);
    const forms = new Map<string, number>();
    const wrong: string[] = [];
    const witness = new RawStream(target.shared)
      .say(requestHeaders())
      .say(requestBody(chatRequest, true))
      .say(responseHeaders());
    const before = await state();
    for (let first = 0; first < inputCount; first += batchSize) {
      const batch = Array.from({ length: batchSize }, (_, i) => inputs[(first + i) % inputs.length]!);
      await Promise.all(
        batch.map(async (input) => {
          const answer = await playWithin(input, target, random).catch((error: Error) => error.message);
          const form = typeof answer === "string" ? answer : formOf(answer);
          forms.set(form, (forms.get(form) ?? 0) + 1);
          const isRight = typeof answer !== "string" && input.allowed.includes(form) && isClear(answer);
          if (!isRight) wrong.push(`${input.name}: ${JSON.stringify(answer)}`);
        }),
      );
      const got = witness.replies.length;
      witness.say(responseBody(sse.token(`${first}`)));
      expect(await witness.until((replies) => replies.length > got)).toBe(true);
      await healthyExchange(target.shared);
    }
    witness.say(responseBody(sse.done, true)).halfClose();
    expect((await witness.over).grpcStatus).toBe(0);
    await becomes("idle", async () => (await state()).streams.open === 0);
    const after = await state();
    const counts = [...forms].toSorted(([, a], [, b]) => b - a).map(([form, count]) => `${form}: ${count}`);
    process.stdout.write(
      `seed ${seed}: ${inputCount} inputs of ${inputs.length} kinds\nanswers: ${counts.join(", ")}\n` +
        `rss ${Math.round(before.process.rssBytes / 2 ** 20)} MiB before, ${Math.round(after.process.rssBytes / 2 ** 20)} MiB after\n`,
    );
    expect([...new Set(wrong)]).toEqual([]);
    expect(after.ledger.inFlight).toBe(0);
  });

  it("leave both pickers alive, idle, and with nothing to report about themselves", async () => {
    const page = await readPage(`http://127.0.0.1:${plain.metricsPort}/metrics`);
    expect(sampleSum(page, "attain_requests_in_flight", {})).toBe(0);
    expect(sampleSum(page, "attain_picker_malformed_messages_total", {})).toBeGreaterThan(0);
    expect(
      sampleSum(page, "attain_objective_requests_total", { objective: "chat", verdict: "met" }),
    ).toBeGreaterThanOrEqual(inputCount / batchSize);
    for (const { program, healthPort } of [plain, secure]) {
      expect(await checkHealth(healthPort)).toBe("SERVING");
      expect(program.stderr).not.toMatch(/"level":"?(error|fatal|50|60)/);
      program.signal("SIGTERM");
      expect(await program.ended).toMatchObject({ code: 0, stdout: "" });
      expect(program.stderr).not.toMatch(/unhandled|uncaught|internal error/i);
    }
  });
});
