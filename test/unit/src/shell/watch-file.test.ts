import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { FileUnreadableError, readTextFile, watchFile, type FileWatch } from "#shell";
import { ManualTime } from "./manual-timers.ts";

let directory: string;
let path: string;
let time: ManualTime;
let seen: string[];
let event: () => void;
let watch: FileWatch;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "attain-watch-"));
  path = join(directory, "file.yaml");
  time = new ManualTime();
  seen = [];
  event = () => undefined;
});

afterEach(() => {
  watch.close();
  rmSync(directory, { recursive: true });
});

function start(lastText: string | undefined): void {
  watch = watchFile(path, (change) => seen.push(change.ok ? change.text : `! ${change.error.message}`), {
    lastText,
    maxBytes: 100,
    debounceMs: 250,
    pollMs: 1000,
    timers: time,
    watchDirectory: (_directory, onEvent) => {
      event = onEvent;
      return () => (event = () => undefined);
    },
  });
}

describe("watchFile", () => {
  it("says nothing while the content is what the caller has", () => {
    writeFileSync(path, "one");
    start("one");
    time.advance(5000);
    utimesSync(path, 1, 1);
    time.advance(5000);
    expect(seen).toEqual([]);
  });

  it("tells a change between the caller's look and the start of the watch", () => {
    writeFileSync(path, "two");
    start("one");
    time.advance(0);
    expect(seen).toEqual(["two"]);
  });

  it("tells a write in place once its burst of events is over", () => {
    writeFileSync(path, "one");
    start("one");
    time.advance(0);
    for (const text of ["t", "tw", "two"]) {
      writeFileSync(path, text);
      event();
      time.advance(100);
    }
    expect(seen).toEqual([]);
    time.advance(150);
    expect(seen).toEqual(["two"]);
  });

  it("tells a rename over the file", () => {
    writeFileSync(path, "one");
    start("one");
    writeFileSync(`${path}.new`, "two");
    renameSync(`${path}.new`, path);
    event();
    time.advance(250);
    expect(seen).toEqual(["two"]);
  });

  it("tells the symbolic-link swap of a mounted ConfigMap, also without any event", () => {
    const version = (name: string, text: string): void => {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "file.yaml"), text);
      symlinkSync(name, join(directory, "..data_tmp"));
      renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    };
    version("..1", "one");
    symlinkSync(join("..data", "file.yaml"), path);
    start("one");
    time.advance(0);
    version("..2", "two");
    time.advance(1000);
    expect(seen).toEqual(["two"]);
  });

  it("tells that the file cannot be read once, and its content when it is back", () => {
    writeFileSync(path, "one");
    start("one");
    time.advance(0);
    rmSync(path);
    time.advance(5000);
    expect(seen).toEqual([expect.stringMatching(/^! cannot read .*file\.yaml: no such file$/)]);
    writeFileSync(path, "two");
    time.advance(1000);
    expect(seen.slice(1)).toEqual(["two"]);
  });

  it("counts a file that is too long as unreadable", () => {
    writeFileSync(path, "x".repeat(101));
    start("one");
    time.advance(0);
    expect(seen).toEqual([expect.stringContaining("longer than 100 bytes")]);
  });

  it("is over when it is closed", () => {
    writeFileSync(path, "one");
    start("one");
    time.advance(0);
    event();
    watch.close();
    expect(time.pending).toBe(0);
  });

  it("hears of changes from the file system", async () => {
    writeFileSync(path, "one");
    const heard = Promise.withResolvers<string>();
    watch = watchFile(path, (change) => heard.resolve(change.ok ? change.text : change.error.message), {
      lastText: "one",
      maxBytes: 100,
      debounceMs: 1,
      pollMs: 20,
    });
    writeFileSync(path, "two");
    expect(await heard.promise).toBe("two");
  });
});

describe("readTextFile", () => {
  it("names the file that cannot be read", () => {
    start(undefined);
    expect(() => readTextFile(path, 10)).toThrow(FileUnreadableError);
    expect(() => readTextFile(path, 10)).toThrow(path);
  });
});
