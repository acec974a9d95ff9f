export default {
  rootDir: "../..",
  testMatch: ["<rootDir>/test/e2e/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/strip-types.mjs" },
  testEnvironment: "node",
  globalSetup: "<rootDir>/test/e2e/setup.mjs",
  testTimeout: 180_000,
  maxWorkers: 1,
};
