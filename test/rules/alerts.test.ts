import { expect, it } from "@jest/globals";
import { alertNames } from "../../alerts/alert-name.ts";
import { recordingCases } from "./cases/burn-situations.ts";
import { casesByAlert } from "./cases/cases-by-alert.ts";
import { describeWithPromtool, failuresOf } from "./promtool.ts";
import { onlyAlert, onlyRecordings, rulesFor } from "./rules-under-test.ts";

describeWithPromtool("recordings", () => {
  it("sum replicas and hold what they say", async () => {
    expect(await failuresOf(onlyRecordings(rulesFor(0.99)), recordingCases)).toEqual({});
  }, 60_000);
});

describeWithPromtool("each alert fires when it should, and only then", () => {
  it.each(alertNames)(
    "%s",
    async (alert) => {
      const cases = casesByAlert[alert];
      const fires = cases.some(({ checks }) => checks.some((check) => "firing" in check && check.firing.length > 0));
      const isSilent = cases.some(({ checks }) =>
        checks.every((check) => "firing" in check && check.firing.length === 0),
      );
      expect({ fires, isSilent: isSilent || alert === "AttainConfigInvalid" }).toEqual({ fires: true, isSilent: true });
      expect(await failuresOf(onlyAlert(rulesFor(0.99), alert), cases)).toEqual({});
    },
    60_000,
  );
});
